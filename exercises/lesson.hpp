#pragma once

/// What the second half of a lesson uses: options, lines on the screen,
/// timings.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <numbers>

#include "exercises/exercises.hpp"
#include "mpworkshop/error.hpp"
#include "mpworkshop/gantt.hpp"
#include "mpworkshop/input/table.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/progress_bar.hpp"
#include "mpworkshop/text.hpp"
#include "mpworkshop/timed_pool.hpp"

namespace exercises {

namespace input = mpworkshop::input;
namespace sys = mpworkshop::sys;
namespace text = mpworkshop::text;
using mpworkshop::Plan;
using mpworkshop::Run;
using mpworkshop::TimedPool;
using mpworkshop::Value;

/// Returns what `sum` returns. Meanwhile a bar shows how many of the steps are
/// done; an interrupt is thrown, after a note of how far the sum came.
/// `done`: null where nobody counts.
template <class F>
auto watched(Run& run, std::uint64_t steps,
             const std::atomic<std::uint64_t>* done, F sum) {
    const auto share = [&] {
        return done == nullptr ? 0 : double(done->load()) / double(steps);
    };
    try {
        const sys::ProgressBar bar(done != nullptr && !run.quiet(), share);
        auto result = sum();
        if (mp::interrupted())
            throw mp::Interrupted(); // such a sum is not whole
        return result;
    } catch (const mp::Interrupted&) {
        if (done == nullptr) throw;
        std::string& so_far = run.outcome.so_far;
        so_far +=
            fmt::format("{}{:.0f} % of {} steps", so_far.empty() ? "" : ", ",
                        100 * share(), text::compact(steps));
        throw;
    }
}

} // namespace exercises
