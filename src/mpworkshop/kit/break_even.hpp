#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/exercise.hpp"
#include "mpworkshop/kit/prediction.hpp"
#include "mpworkshop/kit/stats.hpp"
#include "mpworkshop/sys/other_programs.hpp"

/// From how many inputs on a pool is worth starting.
namespace mpworkshop::kit {

/// The same work in a loop and in a pool, over the same number of inputs, measured in pairs.
struct Pairs {
    std::uint64_t inputs = 0;
    std::vector<double> loop_s = {}, pool_s = {};
};

/// The cost of the same work in a loop and in a pool.
struct Costs {
    Pairs run = {};       ///< the inputs of the run, in a pool with its start and end; one pair, or
                          ///< as many as an interval needs
    Pairs further = {};   ///< many more inputs, without the start and end of the pool
    unsigned at_once = 1; ///< workers that really run at the same time
    double ready_s = 0;   ///< the longest time for which a worker of the run waited for a CPU
    std::optional<sys::CpusUsed> others = {}; ///< CPUs that other programs used meanwhile

    double loop_s() const;       ///< the run in a plain loop
    double pool_s() const;       ///< the run in a pool, including its start and end
    double loop_input_s() const; ///< each further input, in the loop
    double pool_input_s() const; ///< each further input, in the pool

    /// Whether the pool was faster than the loop with the inputs of the run. From one pair only a
    /// large difference is a finding, and beside other programs a huge one.
    stats::Finding pool() const;
    /// Whether the time of the pool is known to within a factor of two, and was not spent waiting
    /// for CPUs.
    bool pool_is_known() const;

private:
    bool waited_for_cpus() const;
};

/// The number of inputs with which the pool should be clearly faster: twice the predicted
/// break-even. Empty if it was already faster, or if its inputs are not certainly faster.
std::optional<std::uint64_t> inputs_to_try(const Costs& costs);

/// How long one call must take for the pool to be faster with the run's number of inputs, on idle
/// CPUs, or why that is unclear; empty if it cannot be faster.
std::string which_call_pays(const Costs& costs);

/// What the costs mean, in one sentence that fits on a line. `tried`: both ways over
/// inputs_to_try(), empty if that was not tried. It says nothing about numbers of inputs that were
/// not measured.
std::string what_the_costs_mean(const Costs& costs, const std::optional<Pairs>& tried);

/// Both ways of an exercise over inputs that it makes; each returns the seconds of one run. Results
/// are kept, so that every run has new memory to fill, like the first one.
struct BothWays {
    std::function<double(std::uint64_t inputs)> loop;
    std::function<double(std::uint64_t inputs)> map;  ///< in a new pool, without its start
    std::function<double(std::uint64_t inputs)> pool; ///< in a new pool, including start and end
};

/// Compares what was said before a run with how many times as fast as the loop the pool was; not
/// where the costs do not tell which was faster.
void compare_with_prediction(Prediction& prediction, const Costs& costs);
/// The same after a run, from its timings, unless explain_costs_afterwards() measures more.
void compare_with_prediction(Run& run);

/// Says what the timings "start", "work", "collect" and "loop" of a run over `inputs` mean, and
/// makes measurements for that. Blocks for about two seconds, and for up to five on a busy
/// machine.
void explain_costs(Run& run, const input::PoolChoice& choice, std::uint64_t inputs,
                   const BothWays& ways);

/// The same after the run, whose time does not include it; `make(n)` returns n inputs to measure
/// with.
template <class Loop, class InPool, class Make>
void explain_costs_afterwards(Run& run, const input::PoolChoice& choice, std::uint64_t inputs,
                              Loop in_a_loop, InPool in_a_pool, Make make) {
    using Results = decltype(in_a_loop(make(1)));
    run.afterwards = [=, &run] {
        const auto kept = std::make_shared<std::vector<Results>>();
        const auto start = [=] {
            return mp::Pool({.processes = choice.workers(), .backend = choice.backend});
        };
        const auto seconds = [](auto&& work) {
            const double begin = clock_s();
            work();
            return clock_s() - begin;
        };
        const auto map = [=](mp::Pool& pool, const auto& many) {
            kept->push_back(in_a_pool(pool, many, mp::auto_chunksize));
        };
        const BothWays ways = {
            .loop =
                [=](std::uint64_t n) {
                    const auto many = make(n);
                    return seconds([&] { kept->push_back(in_a_loop(many)); });
                },
            .map =
                [=](std::uint64_t n) {
                    const auto many = make(n);
                    mp::Pool pool = start();
                    map(pool, make(1)); // starts its workers
                    return seconds([&] { map(pool, many); });
                },
            .pool =
                [=](std::uint64_t n) {
                    const auto many = make(n);
                    return seconds([&] {
                        mp::Pool pool = start();
                        map(pool, many);
                    });
                },
        };
        explain_costs(run, choice, inputs, ways);
    };
}

} // namespace mpworkshop::kit
