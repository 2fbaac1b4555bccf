#pragma once

#include <mp/mp.hpp>

#include <vector>

#include "mpworkshop/kit/gantt.hpp"

namespace mpworkshop {

using mp::TraceBar;
using mp::TraceLane;

/// The bars of a timeline that the chart draws, without their names.
std::vector<GanttLane> gantt_lanes(const std::vector<TraceLane>& lanes);

} // namespace mpworkshop
