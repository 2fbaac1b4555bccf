#include "exercises/spans.hpp"

#include <algorithm>
#include <chrono>
#include <string>

namespace exercises {

using mpworkshop::BarKind;
using mpworkshop::GanttBar;
using mpworkshop::GanttLane;

double clock_s() {
    return std::chrono::duration<double>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

double idle_share(const std::vector<Span>& spans, unsigned workers,
                  double wall_s) {
    double worked = 0;
    for (const Span& span : spans) worked += span.end_s - span.begin_s;
    const double there = double(workers) * wall_s;
    return there > 0 ? std::clamp(1 - worked / there, 0.0, 1.0) : 0;
}

std::vector<GanttLane> lanes_of(const std::vector<Span>& spans,
                                unsigned workers, std::size_t chunksize) {
    std::vector<GanttLane> lanes(workers);
    for (unsigned i = 0; i < workers; ++i)
        lanes[i].name = "worker " + std::to_string(i);
    double last = 0;
    for (std::size_t i = 0; i < spans.size(); ++i) {
        const Span& span = spans[i];
        std::vector<GanttBar>& bars = lanes.at(span.worker).bars;
        if (i % chunksize == 0)
            bars.push_back({span.begin_s, span.end_s});
        else
            bars.back().end_s = span.end_s;
        last = std::max(last, span.end_s);
    }
    for (GanttLane& lane : lanes) {
        std::ranges::sort(lane.bars, {}, &GanttBar::begin_s);
        const double end = lane.bars.empty()
                               ? spans.empty() ? last : spans.front().begin_s
                               : lane.bars.back().end_s;
        if (end < last) lane.bars.push_back({end, last, BarKind::wait});
    }
    return lanes;
}

void RunIntervals::note(double now_s) {
    if (bars_.empty() || now_s - bars_.back().end_s > gap_s_)
        bars_.push_back({now_s, now_s});
    else
        bars_.back().end_s = now_s;
}

} // namespace exercises
