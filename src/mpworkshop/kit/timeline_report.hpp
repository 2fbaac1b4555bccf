#pragma once

#include <cstdint>
#include <vector>

#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/exercise.hpp"
#include "mpworkshop/kit/spans.hpp"

namespace mpworkshop::kit {

/// Some tasks on some CPUs.
struct Timeline {
    unsigned cpus;
    Elapsed took = {};
    std::vector<RunIntervals> ran; ///< of each task
};

/// The report of the demonstration concurrency: a timeline on one CPU, and one on two where there
/// are two. What it puts into the result is in exercises.hpp.
void report_timelines(Run& run, std::uint64_t tasks, double seconds,
                      const std::vector<Timeline>& timelines);

} // namespace mpworkshop::kit
