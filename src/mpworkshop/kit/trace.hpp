#pragma once

#include <mp/mp.hpp>

#include <vector>

#include "mpworkshop/kit/gantt.hpp"

namespace mpworkshop {

using mp::TraceBar;
using mp::TraceLane;

/// What the chart draws of a timeline: its bars, without their names.
std::vector<GanttLane> gantt_lanes(const std::vector<TraceLane>& lanes);

} // namespace mpworkshop
