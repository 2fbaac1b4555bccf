#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/exercise.hpp"
#include "mpworkshop/kit/spans.hpp"
#include "mpworkshop/sys/other_programs.hpp"

namespace mpworkshop::kit {

/// Some tasks on some CPUs.
struct Timeline {
    unsigned cpus;
    Elapsed took = {};
    std::vector<RunIntervals> ran; ///< of each task
};

/// What a timeline on one CPU, and one on two CPUs if there are two, show: whether the tasks were
/// concurrent, and whether they were parallel. `others`: CPUs that other programs used meanwhile.
std::string what_the_timelines_show(const std::vector<Timeline>& timelines,
                                    const std::optional<sys::CpusUsed>& others);

/// The report of the demonstration concurrency: both timelines, and what they show. Its `result` is
/// described in exercises.hpp.
void report_timelines(Run& run, std::uint64_t tasks, double seconds,
                      const std::vector<Timeline>& timelines,
                      const std::optional<sys::CpusUsed>& others);

} // namespace mpworkshop::kit
