#include "mpworkshop/trace.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace mpworkshop {
namespace {

std::string name_of(const mp::Span& span) {
    if (span.kind == mp::Span::Kind::start) return "start";
    if (span.kind == mp::Span::Kind::init) return "initializer";
    if (span.chunks > 1) return fmt::format("{} chunks, {} items", span.chunks, span.items);
    if (span.items == 1) return fmt::format("item {}", span.first);
    return fmt::format("items {} to {}", span.first, span.first + span.items - 1);
}

std::string lane_of(const mp::Span& span) {
    const std::string worker = fmt::format("worker {}", span.worker);
    return span.rank < 0 ? worker : fmt::format("{}, rank {} on {}", worker, span.rank, span.host);
}

} // namespace

std::vector<TraceLane> lanes_of(const std::vector<mp::Span>& spans) {
    double end = 0;
    for (const mp::Span& span : spans) end = std::max(end, span.end_seconds);

    std::vector<TraceLane> lanes;
    const auto wait_until = [](TraceLane& lane, double when) {
        if (lane.bars.empty() || lane.bars.back().bar.end_s >= when) return;
        lane.bars.push_back({{lane.bars.back().bar.end_s, when, BarKind::wait}, "wait"});
    };
    for (const mp::Span& span : spans) {
        const std::string name = lane_of(span);
        if (lanes.empty() || lanes.back().name != name) lanes.push_back({.name = name});
        TraceLane& lane = lanes.back();
        lane.pid = span.pid;
        wait_until(lane, span.begin_seconds);
        lane.bars.push_back({{span.begin_seconds, span.end_seconds,
                              span.kind == mp::Span::Kind::work ? BarKind::work : BarKind::start},
                             name_of(span)});
    }
    for (TraceLane& lane : lanes) wait_until(lane, end);
    return lanes;
}

std::vector<GanttLane> without_names(const std::vector<TraceLane>& lanes) {
    std::vector<GanttLane> plain;
    for (const TraceLane& lane : lanes) {
        plain.push_back({.name = lane.name, .bars = {}});
        for (const TraceBar& each : lane.bars) plain.back().bars.push_back(each.bar);
    }
    return plain;
}

} // namespace mpworkshop
