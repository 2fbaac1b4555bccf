#pragma once

#include <utility>

#include "mpworkshop/kit/break_even.hpp"
#include "mpworkshop/kit/python.hpp"
#include "mpworkshop/kit/timed_pool.hpp"

namespace mpworkshop::kit {

/// Processes the inputs in a pool, then in a loop, timing each, or in one of the
/// two ways. After both, the run explains what they cost; `make(n)` returns n
/// inputs for measuring that. Returns the results.
template <class Inputs, class Loop, class InPool, class Make>
auto in_both_ways(Run& run, const Way& way, const input::PoolChoice& choice, const Inputs& inputs,
                  Loop in_a_loop, InPool in_a_pool, Make make) {
    decltype(in_a_loop(inputs)) results;
    if (way.goes("pool")) {
        TimedPool pool(run, choice);
        results = pool.work([&](mp::Pool& p) { return in_a_pool(p, inputs, choice.chunksize); });
        pool.collect();
    }
    if (way.goes("loop")) {
        auto found = run.timed("loop", [&] { return in_a_loop(inputs); });
        if (!way.goes("pool")) results = std::move(found);
    }
    if (way.only.empty())
        explain_costs_afterwards(run, choice, inputs.size(), in_a_loop, in_a_pool, make);
    return results;
}

} // namespace mpworkshop::kit
