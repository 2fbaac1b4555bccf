#pragma once

#include <fmt/format.h>

#include <atomic>
#include <cstdint>
#include <string>

#include "mpworkshop/kit/exercise.hpp"
#include "mpworkshop/sys/progress_bar.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {

/// Returns what `sum` returns. Meanwhile a bar shows how many of the steps are done. `done`: null
/// if they are not counted. Errors: what `sum` throws; mp::Interrupted if there was an interrupt,
/// after reporting how far the sum came.
template <class F>
auto watched(Run& run, std::uint64_t steps, const std::atomic<std::uint64_t>* done, F sum) {
    const auto share = [&] { return done == nullptr ? 0 : double(done->load()) / double(steps); };
    try {
        const sys::ProgressBar bar(done != nullptr && !run.quiet(), share);
        auto result = sum();
        if (mp::interrupted()) throw mp::Interrupted(); // such a sum is incomplete
        return result;
    } catch (const mp::Interrupted&) {
        if (done == nullptr) throw;
        std::string& so_far = run.outcome.so_far;
        so_far += fmt::format("{}{:.0f} % of {} steps", so_far.empty() ? "" : ", ", 100 * share(),
                              text::compact(steps));
        throw;
    }
}

} // namespace mpworkshop::kit
