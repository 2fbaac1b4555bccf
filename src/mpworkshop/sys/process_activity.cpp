#include "mpworkshop/sys/process_activity.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace mpworkshop::sys {
namespace {

/// Merges each pair of neighbors.
void halve(std::vector<CpuLoad>& intervals) {
    const std::size_t half = (intervals.size() + 1) / 2;
    for (std::size_t i = 0; i < half; ++i) {
        CpuLoad both = intervals[2 * i];
        if (2 * i + 1 < intervals.size()) both += intervals[2 * i + 1];
        intervals[i] = both;
    }
    intervals.resize(half);
}

} // namespace

std::vector<CpuLoad> resampled(const Activity& activity, std::size_t parts) {
    std::vector<CpuLoad> loads(parts);
    const double part_s = activity.wall_s / double(parts);
    for (std::size_t i = 0; i < activity.intervals.size(); ++i) {
        const double begin_s = double(i) * activity.interval_s;
        const double end_s = std::min(begin_s + activity.interval_s, activity.wall_s);
        if (end_s <= begin_s) { // just after the end
            loads.back() += activity.intervals[i];
            continue;
        }
        const auto first = std::size_t(begin_s / part_s);
        for (std::size_t at = first; at < parts && double(at) * part_s < end_s; ++at) {
            const double from = std::max(begin_s, double(at) * part_s);
            const double to = std::min(end_s, double(at + 1) * part_s);
            const double share = std::max(to - from, 0.0) / (end_s - begin_s);
            loads[at].cpu_s += activity.intervals[i].cpu_s * share;
            loads[at].ready_s += activity.intervals[i].ready_s * share;
        }
    }
    return loads;
}

ActivityBuilder::Handle ActivityBuilder::add(ThreadActivity thread, double since_s, double at_s,
                                             const ThreadReading& reading) {
    Known known{.thread = std::move(thread), .last = reading, .at_s = at_s};
    known.thread.first_s = at_s;
    known.thread.last_s = at_s;
    known.listed = listed_ < most_threads;
    ++(known.listed ? listed_ : unlisted_);
    account(known, since_s, at_s, {reading.cpu_s, reading.ready_s.value_or(0)});
    ready_known_ = ready_known_ || reading.ready_s.has_value();
    if (free_.empty()) {
        known_.push_back(std::move(known));
        return known_.size() - 1;
    }
    const Handle handle = free_.back();
    free_.pop_back();
    known_[handle] = std::move(known);
    return handle;
}

void ActivityBuilder::end(Handle handle) {
    if (!known_[handle].listed) free_.push_back(handle);
}

void ActivityBuilder::update(Handle handle, double at_s, const ThreadReading& reading) {
    Known& known = known_[handle];
    const double cpu_s = reading.cpu_s - known.last.cpu_s;
    const double ready_s = reading.ready_s.value_or(0) - known.last.ready_s.value_or(0);
    account(known, known.at_s, at_s, {std::max(cpu_s, 0.0), std::max(ready_s, 0.0)});
    known.last = reading;
    known.at_s = at_s;
    known.thread.last_s = at_s;
}

void ActivityBuilder::rename(Handle handle, std::string name) {
    if (known_[handle].listed) known_[handle].thread.name = std::move(name);
}

void ActivityBuilder::set_usable_cpus(Handle handle, unsigned cpus) {
    known_[handle].thread.usable_cpus = cpus;
}

void ActivityBuilder::settle(double at_s, double tree_cpu_s) {
    make_room(at_s);
    const double missed_s = tree_cpu_s - total_.cpu_s;
    if (missed_s > 0) {
        add_to(intervals_, settled_s_, at_s, &CpuLoad::cpu_s, missed_s);
        total_.cpu_s += missed_s;
    }
    settled_s_ = at_s;
}

Activity ActivityBuilder::activity(double wall_s) const {
    Activity made{.wall_s = wall_s,
                  .interval_s = interval_s_,
                  .total = total_,
                  .intervals = intervals_,
                  .unlisted_threads = unlisted_,
                  .processes = processes_,
                  .ready_known = ready_known_};
    made.intervals.resize(
        std::max(made.intervals.size(), std::size_t(std::ceil(wall_s / interval_s_))));
    for (const Known& known : known_)
        if (known.listed) made.threads.push_back(known.thread);
    return made;
}

/// Spreads seconds evenly over an interval.
void ActivityBuilder::add_to(std::vector<CpuLoad>& intervals, double begin_s, double end_s,
                             double CpuLoad::*what, double seconds) const {
    const auto first = std::size_t(begin_s / interval_s_), last = std::size_t(end_s / interval_s_);
    if (last >= intervals.size()) intervals.resize(last + 1);
    if (end_s <= begin_s) {
        intervals[last].*what += seconds;
        return;
    }
    for (std::size_t i = first; i <= last; ++i) {
        const double from = std::max(begin_s, double(i) * interval_s_);
        const double to = std::min(end_s, double(i + 1) * interval_s_);
        intervals[i].*what += seconds * std::max(to - from, 0.0) / (end_s - begin_s);
    }
}

/// The kernel counts a wait when it ends, and CPU time a moment late. So the increase may be more
/// than the time since the last reading; the excess belongs to earlier intervals.
void ActivityBuilder::account(Known& known, double since_s, double at_s, const CpuLoad& load) {
    make_room(at_s);
    for (const auto what : {&CpuLoad::cpu_s, &CpuLoad::ready_s}) {
        const double seconds = load.*what;
        if (seconds <= 0) continue;
        const double begin_s = std::clamp(at_s - seconds, 0.0, std::clamp(since_s, 0.0, at_s));
        add_to(intervals_, begin_s, at_s, what, seconds);
        if (known.listed) add_to(known.thread.intervals, begin_s, at_s, what, seconds);
    }
    total_ += load;
    known.thread.total += load;
}

void ActivityBuilder::make_room(double at_s) {
    while (at_s >= double(most_intervals) * interval_s_) {
        interval_s_ *= 2;
        halve(intervals_);
        for (Known& known : known_) halve(known.thread.intervals);
    }
}

} // namespace mpworkshop::sys
