#include "mpworkshop/kit/spans.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace mpworkshop::kit {

double idle_share(const std::vector<Span>& spans, unsigned workers, double wall_s) {
    double worked = 0;
    for (const Span& span : spans) worked += span.end_s - span.begin_s;
    const double there = double(workers) * wall_s;
    return there > 0 ? std::clamp(1 - worked / there, 0.0, 1.0) : 0;
}

std::vector<Span> last_job(const std::vector<mp::Span>& trace) {
    std::uint32_t last = 1;
    for (const mp::Span& span : trace) last = std::max(last, span.job);
    std::vector<Span> spans;
    for (const mp::Span& span : trace)
        if (span.job == last) spans.push_back({span.worker, span.begin_seconds, span.end_seconds});
    return spans;
}

std::vector<GanttLane> lanes_of(const std::vector<Span>& spans, unsigned workers) {
    std::vector<GanttLane> lanes(workers);
    for (unsigned i = 0; i < workers; ++i) lanes[i].name = "worker " + std::to_string(i);
    double last = 0;
    for (const Span& span : spans) {
        lanes.at(span.worker).bars.push_back({span.begin_s, span.end_s});
        last = std::max(last, span.end_s);
    }
    for (GanttLane& lane : lanes) {
        std::ranges::sort(lane.bars, {}, &GanttBar::begin_s);
        const double end = lane.bars.empty() ? spans.empty() ? last : spans.front().begin_s
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

std::vector<GanttLane> lanes_of(const std::vector<RunIntervals>& ran, const std::string& name) {
    double begin = HUGE_VAL;
    for (const RunIntervals& each : ran)
        if (!each.bars().empty()) begin = std::min(begin, each.bars().front().begin_s);
    std::vector<GanttLane> lanes;
    for (const RunIntervals& each : ran) {
        lanes.push_back({name + std::to_string(lanes.size() + 1), each.bars()});
        for (GanttBar& bar : lanes.back().bars) bar.begin_s -= begin, bar.end_s -= begin;
    }
    return lanes;
}

} // namespace mpworkshop::kit
