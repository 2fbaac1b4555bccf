#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "mpworkshop/kit/exercise.hpp"

/// From how many inputs on a pool is worth its start.
namespace mpworkshop::kit {

/// What the same work costs in a loop and in a pool.
struct Costs {
    std::uint64_t inputs = 0; ///< of the run
    double loop_s = 0;        ///< the run in a plain loop
    double pool_s = 0;        ///< the run in a pool, its start and end included
    double loop_input_s = 0;  ///< each further input, in the loop
    double pool_input_s = 0;  ///< each further input, in the pool
    unsigned at_once = 1;     ///< workers that really run at the same time
};

/// The number of inputs from which on the pool is faster; empty where it never
/// is.
std::optional<std::uint64_t> break_even(const Costs& costs);

/// How long one call must take for the pool to win with as many inputs as the
/// run had; empty where it cannot win.
std::optional<double> worthwhile_call(const Costs& costs);

/// Says what the timings "start", "work", "collect" and "loop" of a run over
/// `inputs` mean. What each further input costs is measured with `many`, which
/// `in_a_loop` and `in_a_pool` run over. Blocks: for some milliseconds.
void explain_costs(Run& run, const input::PoolChoice& choice, std::uint64_t inputs,
                   std::uint64_t many, const std::function<void()>& in_a_loop,
                   const std::function<void(mp::Pool&)>& in_a_pool);

/// The same once the run is over, its time not counted; `make_many` gives the
/// inputs to measure with.
template <class Loop, class InPool, class MakeMany>
void explain_costs_afterwards(Run& run, const input::PoolChoice& choice, std::uint64_t inputs,
                              Loop in_a_loop, InPool in_a_pool, MakeMany make_many) {
    run.afterwards = [=, &run] {
        const auto many = make_many();
        explain_costs(
            run, choice, inputs, many.size(), [&] { in_a_loop(many); },
            [&](mp::Pool& pool) { in_a_pool(pool, many, mp::auto_chunksize); });
    };
}

} // namespace mpworkshop::kit
