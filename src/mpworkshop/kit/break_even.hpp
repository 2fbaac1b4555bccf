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
#include "mpworkshop/sys/other_programs.hpp"

/// From how many inputs on a pool is worth its start.
namespace mpworkshop::kit {

/// The same work in a loop and in a pool, over as many inputs, measured in pairs.
struct Pairs {
    std::uint64_t inputs = 0;
    std::vector<double> loop_s = {}, pool_s = {};
};

/// What the same work costs in a loop and in a pool.
struct Costs {
    std::uint64_t inputs = 0; ///< of the run
    double loop_s = 0;        ///< the run in a plain loop
    double pool_s = 0;        ///< the run in a pool, its start and end included
    Pairs further = {};       ///< many more inputs, the start and end of the pool not included
    unsigned at_once = 1;     ///< workers that really run at the same time

    double loop_input_s() const; ///< each further input, in the loop
    double pool_input_s() const; ///< each further input, in the pool
};

/// The number of inputs with which the pool should win clearly: twice the predicted break-even.
/// Empty where it won already, and where its inputs are not faster for certain.
std::optional<std::uint64_t> inputs_to_try(const Costs& costs);

/// How long one call must take for the pool to win with as many inputs as the run had, on CPUs that
/// nothing else wants; empty where it cannot win.
std::optional<double> worthwhile_call(const Costs& costs);

/// What the costs mean, in one sentence of a line. `tried`: both ways over inputs_to_try(), empty
/// where that was not tried. Of other numbers of inputs than were measured it says nothing.
std::string what_the_costs_mean(const Costs& costs, const std::optional<Pairs>& tried,
                                const std::optional<sys::CpusUsed>& others);

/// Both ways of an exercise over inputs that it makes; each returns the seconds that one run took.
/// Results are kept, so that every run has new memory to fill, like the first one.
struct BothWays {
    std::function<double(std::uint64_t inputs)> loop;
    std::function<double(std::uint64_t inputs)> map;  ///< in a new pool, whose start is not counted
    std::function<double(std::uint64_t inputs)> pool; ///< in a new pool, start and end included
};

/// Says what the timings "start", "work", "collect" and "loop" of a run over `inputs` mean, and
/// measures for that. Blocks: for up to a second or so.
void explain_costs(Run& run, const input::PoolChoice& choice, std::uint64_t inputs,
                   const BothWays& ways);

/// The same once the run is over, its time not counted; `make(n)` gives n inputs to measure with.
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
                    map(pool, make(1)); // its workers are there
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
