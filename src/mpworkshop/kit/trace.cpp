#include "mpworkshop/kit/trace.hpp"

namespace mpworkshop {
namespace {

BarKind kind_of(const TraceBar& bar) {
    switch (bar.kind) {
    case TraceBar::Kind::work:
        return BarKind::work;
    case TraceBar::Kind::start:
        return BarKind::start;
    case TraceBar::Kind::ready:
        return BarKind::ready;
    case TraceBar::Kind::wait:
        break;
    }
    return BarKind::wait;
}

} // namespace

std::vector<GanttLane> gantt_lanes(const std::vector<TraceLane>& lanes) {
    std::vector<GanttLane> drawn;
    for (const TraceLane& lane : lanes) {
        drawn.push_back({.name = lane.name, .bars = {}});
        for (const TraceBar& bar : lane.bars)
            drawn.back().bars.push_back({bar.begin_seconds, bar.end_seconds, kind_of(bar)});
    }
    return drawn;
}

} // namespace mpworkshop
