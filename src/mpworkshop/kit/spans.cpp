#include "mpworkshop/kit/spans.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "mpworkshop/kit/trace.hpp"

namespace mpworkshop::kit {

LostShares lost_shares(const std::vector<mp::Span>& spans, unsigned workers, double wall_s) {
    double there_s = 0, ready_s = 0;
    for (const mp::Span& span : spans) {
        const double span_s = span.end_seconds - span.begin_seconds;
        there_s += span_s;
        ready_s += std::min(span_s, span.ready_seconds.value_or(0));
    }
    const double all_s = double(workers) * wall_s;
    if (all_s <= 0) return {};
    return {.idle = std::clamp(1 - there_s / all_s, 0.0, 1.0),
            .ready = std::clamp(ready_s / all_s, 0.0, 1.0)};
}

std::vector<mp::Span> last_job(std::vector<mp::Span> trace) {
    std::uint32_t last = 1;
    for (const mp::Span& span : trace) last = std::max(last, span.job);
    std::erase_if(trace, [&](const mp::Span& span) { return span.job != last; });
    return trace;
}

std::vector<GanttLane> lanes_of(std::vector<mp::Span> spans, unsigned workers) {
    std::ranges::sort(spans, [](const mp::Span& a, const mp::Span& b) {
        return std::pair(a.worker, a.begin_seconds) < std::pair(b.worker, b.begin_seconds);
    });
    double begin = HUGE_VAL, end = 0;
    for (const mp::Span& span : spans) {
        begin = std::min(begin, span.begin_seconds);
        end = std::max(end, span.end_seconds);
    }
    // A lane each for those that had a chunk, in order; the others waited.
    const std::vector<GanttLane> drawn = gantt_lanes(mp::trace_lanes(spans));
    std::vector<GanttLane> lanes(workers);
    for (unsigned i = 0; i < workers; ++i) {
        lanes[i].name = "worker " + std::to_string(i);
        if (!spans.empty()) lanes[i].bars.push_back({begin, end, BarKind::wait});
    }
    auto next = drawn.begin();
    for (std::size_t i = 0; i < spans.size(); ++i)
        if (i == 0 || spans[i].worker != spans[i - 1].worker) lanes.at(spans[i].worker) = *next++;
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
