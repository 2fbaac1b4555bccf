#pragma once

#include <mp/mp.hpp>

#include <string>
#include <vector>

#include "mpworkshop/gantt.hpp"

namespace mpworkshop {

/// A stretch of a lane of the timeline, with its name: "items 0 to 99".
struct TraceBar {
    GanttBar bar;
    std::string name;
};

/// What one worker or thread did. Units: seconds since the run's pool, or first task, began.
struct TraceLane {
    std::string name;
    pid_t pid = 0;
    std::vector<TraceBar> bars = {}; ///< in the order of their begin
};

/// A lane for each worker: its start, its chunks, and between them the time it waited.
std::vector<TraceLane> lanes_of(const std::vector<mp::Span>& spans);

/// What the chart draws of them.
std::vector<GanttLane> without_names(const std::vector<TraceLane>& lanes);

} // namespace mpworkshop
