#include "mp/scheduler/cpu_samples.hpp"

#include <algorithm>

namespace mp::detail {

namespace {

constexpr double shortest_wait_s = 1e-4; // waking up takes a few microseconds, which is not a wait

// Divides one interval among the spans of work in it. They take its CPU time first, in order of
// time; the rest was used between them.
class Division {
public:
    /// `work_seconds`: the total length of the spans within the interval. `computed`: whether the
    /// worker was computing when the interval began.
    Division(const CpuInterval& interval, double work_seconds, bool computed)
        : work_s_(work_seconds), ready_known_(interval.ready_seconds.has_value()),
          computed_(computed) {
        const double between_s = interval.end_seconds - interval.begin_seconds - work_s_;
        cpu_s_ =
            std::max(std::min(interval.cpu_seconds, work_s_), interval.cpu_seconds - between_s);
        if (ready_known_)
            ready_s_ = std::min(*interval.ready_seconds, work_s_ - std::min(cpu_s_, work_s_));
        // It waited once: at the end if it was computing when the interval began, else at the
        // beginning.
        wait_begin_ = computed_ ? work_s_ - ready_s_ : 0;
    }

    /// The next part of a span.
    void give(Span& span, const TimeRange& part) {
        const double length = part.end_seconds - part.begin_seconds;
        const double fraction = work_s_ > 0 ? length / work_s_ : 0;
        if (span.cpu_seconds) *span.cpu_seconds += cpu_s_ * fraction;
        if (!ready_known_) span.ready_seconds.reset();
        if (span.ready_seconds) *span.ready_seconds += ready_s_ * fraction;
        if (span.ready_seconds) add_wait(span, part);
        given_s_ += length;
    }

    /// Returns whether the worker was computing when the interval ended.
    bool computed_at_end() const {
        if (ready_s_ < shortest_wait_s) return cpu_s_ > 0;
        return !computed_ && cpu_s_ > 0;
    }

private:
    void add_wait(Span& span, const TimeRange& part) {
        if (ready_s_ < shortest_wait_s) return;
        const double origin =
            part.begin_seconds - given_s_; // of the work in the interval, without gaps
        const double begin = std::max(wait_begin_ + origin, part.begin_seconds);
        const double end = std::min(wait_begin_ + ready_s_ + origin, part.end_seconds);
        if (begin >= end) return;
        if (!span.ready.empty() && begin - span.ready.back().end_seconds < 1e-9)
            span.ready.back().end_seconds = end;
        else
            span.ready.push_back({begin, end});
    }

    double work_s_, cpu_s_ = 0;
    bool ready_known_;
    double ready_s_ = 0; // also 0 if unknown
    bool computed_;
    double wait_begin_ = 0, given_s_ = 0; // in seconds of work since the interval began
};

TimeRange overlap(const Span& span, const CpuInterval& interval) {
    return {std::max(span.begin_seconds, interval.begin_seconds),
            std::min(span.end_seconds, interval.end_seconds)};
}

double length(const TimeRange& range) {
    return std::max(0.0, range.end_seconds - range.begin_seconds);
}

} // namespace

std::vector<CpuInterval> intervals_between(const std::vector<CpuSample>& samples,
                                           std::int64_t made_ns) {
    const auto seconds = [](std::int64_t ns) { return static_cast<double>(ns) * 1e-9; };
    std::vector<CpuInterval> intervals;
    for (std::size_t i = 1; i < samples.size(); ++i) {
        const CpuSample &from = samples[i - 1], &to = samples[i];
        intervals.push_back({seconds(from.at_ns - made_ns), seconds(to.at_ns - made_ns),
                             seconds(to.cpu_ns - from.cpu_ns), std::nullopt});
        if (from.ready_ns && to.ready_ns)
            intervals.back().ready_seconds = seconds(*to.ready_ns - *from.ready_ns);
    }
    double waited = 0; // waits that were counted later than they happened
    for (auto each = intervals.rbegin(); each != intervals.rend(); ++each) {
        if (!each->ready_seconds) {
            waited = 0;
            continue;
        }
        waited += *each->ready_seconds;
        const double free =
            std::max(0.0, each->end_seconds - each->begin_seconds - each->cpu_seconds);
        each->ready_seconds = std::min(waited, free);
        waited -= *each->ready_seconds;
    }
    return intervals;
}

void divide_among(std::span<Span> spans, const std::vector<CpuInterval>& intervals) {
    if (intervals.empty()) return;
    const auto covered = [&](const Span& span) {
        return intervals.front().begin_seconds <= span.begin_seconds &&
               span.end_seconds <= intervals.back().end_seconds;
    };
    for (Span& span : spans)
        if (covered(span)) span.cpu_seconds = span.ready_seconds = 0;

    bool computed = false;
    auto first = spans.begin();
    for (const CpuInterval& interval : intervals) {
        while (first != spans.end() && first->end_seconds <= interval.begin_seconds) ++first;
        double work_s = 0;
        auto last = first;
        for (; last != spans.end() && last->begin_seconds < interval.end_seconds; ++last)
            work_s += length(overlap(*last, interval));
        Division division(interval, work_s, computed);
        for (auto span = first; span != last; ++span)
            division.give(*span, overlap(*span, interval));
        computed = division.computed_at_end();
    }
}

} // namespace mp::detail
