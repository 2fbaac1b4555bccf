#include "mpworkshop/practice/judgment.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::practice {
namespace {

using sys::Activity;
using sys::ThreadActivity;

constexpr double busy_load = 0.25;       // CPUs wanted in an interval in which something computed
constexpr double parallel_load = 1.4;    // and in one in which two did at once
constexpr std::size_t parts = 10;        // of the time of a run, each looked at as a whole
constexpr double enough = 0.4;           // of the busy time
constexpr double enough_work = 0.5;      // of the CPU time of the start
constexpr double shortest_seen_s = 0.03; // of computing
constexpr double far_longer = 5;         // than the learner's program computed
constexpr double most_of_it = 0.9;       // of the CPU time
constexpr double waits_overlap = 0.5;    // of the time that the waits take one after the other
constexpr double helper_ends = 0.2;      // of the run; by then a launcher's helpers have ended
constexpr double helper_cpu = 0.05;      // of the CPU time, at most
constexpr double whole_program = 0.8;    // of the CPU time, where one process is the program
constexpr double most_ready = 0.5;       // of the run, by all threads without a CPU
constexpr double busy_others = 0.25;     // of a CPU, by other programs
constexpr double clearly_slower = 0.5;   // also beside other programs
constexpr double shortest_row = 0.01;    // of the run; what lived for less is not drawn
constexpr double least_speedup = 1.15;   // less is also seen between two runs of one program
constexpr double least_gain = 0.85;      // not slower: with room for what threads cost
constexpr std::size_t most_lanes = 8;

/// How long something computed, how long two things did at once, and how much they computed then.
struct Busy {
    double any_s = 0, parallel_s = 0, parallel_cpu_s = 0;

    /// Most of the time, or most of the work: where processes take long to start, a program that
    /// computes everything in parallel does so only for a small part of its time.
    bool is_parallel(double start_cpu_s) const {
        return parallel_s > 0 && (parallel_s >= enough * any_s ||
                                  (start_cpu_s > 0 && parallel_cpu_s >= enough_work * start_cpu_s));
    }
};

/// `load_s` says what counts. In parts of the time, as the kernel tells of time without a CPU only
/// when it has passed.
Busy busy(const Activity& activity, double (*load_s)(const sys::CpuLoad&)) {
    Busy busy;
    const double part_s = activity.wall_s / double(parts);
    if (part_s <= 0) return busy;
    for (const sys::CpuLoad& each : sys::resampled(activity, parts)) {
        const double load = load_s(each) / part_s;
        if (load >= busy_load) busy.any_s += part_s;
        if (load < parallel_load) continue;
        busy.parallel_s += part_s;
        busy.parallel_cpu_s += each.cpu_s;
    }
    return busy;
}

double computed(const sys::CpuLoad& load) { return load.cpu_s; }
double wanted(const sys::CpuLoad& load) { return load.wanted_s(); }

/// How many threads lived at the same time, at most.
std::size_t most_at_once(const Activity& activity) {
    std::size_t most = 0;
    for (const ThreadActivity& one : activity.threads)
        most = std::max(
            most,
            std::size_t(std::ranges::count_if(activity.threads, [&](const ThreadActivity& other) {
                return other.first_s <= one.last_s && one.last_s <= other.last_s;
            })));
    return most;
}

double most_cpu_s(const Activity& activity) {
    double most = 0;
    for (const ThreadActivity& thread : activity.threads) most = std::max(most, thread.total.cpu_s);
    return most;
}

/// The process that computed most, and how long.
struct Chief {
    pid_t process = 0;
    double cpu_s = 0;
};

Chief chief_of(const Activity& activity) {
    std::map<pid_t, double> cpu_s;
    for (const ThreadActivity& thread : activity.threads)
        cpu_s[thread.process] += thread.total.cpu_s;
    Chief chief;
    for (const auto& [process, seconds] : cpu_s)
        if (seconds > chief.cpu_s) chief = {process, seconds};
    return chief;
}

/// Whether one process is the program; others, such as the helpers of a launcher that started it,
/// computed next to nothing.
bool is_one_process(const Activity& activity) {
    return chief_of(activity).cpu_s >= whole_program * activity.total.cpu_s;
}

/// Whether it belongs to a helper of the launcher that started the program, such as a script that
/// looks for the right interpreter.
bool is_helpers(const ThreadActivity& thread, const Activity& activity) {
    return thread.process != activity.threads.front().process &&
           thread.last_s < helper_ends * activity.wall_s &&
           thread.total.cpu_s < helper_cpu * activity.total.cpu_s;
}

/// The processes that lived beside the one that computed, rather than before it.
std::size_t waiting_processes(const Activity& activity) {
    std::set<pid_t> processes;
    for (const ThreadActivity& thread : activity.threads)
        if (!is_helpers(thread, activity)) processes.insert(thread.process);
    return processes.empty() ? 0 : processes.size() - 1;
}

std::size_t processes_of(const Activity& activity) {
    std::set<pid_t> processes;
    for (const ThreadActivity& thread : activity.threads) processes.insert(thread.process);
    return std::max(processes.size(), activity.processes);
}

bool has_threads(const Activity& activity) {
    return activity.threads.size() > processes_of(activity);
}

/// Whether one thread did nearly all the computing.
bool one_did_it(const Activity& activity) {
    return most_cpu_s(activity) >= most_of_it * activity.total.cpu_s;
}

std::size_t threads_of_chief(const Activity& activity) {
    const pid_t process = chief_of(activity).process;
    return std::size_t(std::ranges::count(activity.threads, process, &ThreadActivity::process));
}

/// Why nothing computed at the same time.
std::string why_serial(const Activity& activity) {
    const std::size_t processes = processes_of(activity);
    if (one_did_it(activity)) {
        if (const std::size_t others = waiting_processes(activity); others > 0)
            return fmt::format("One process did all the computing; {} only waited.",
                               others == 1 ? "the other one" : fmt::format("{} others", others));
        if (has_threads(activity))
            return "One thread did all the computing; the others only waited.";
        return "One process did all the computing, and nothing computed beside it.";
    }
    if (processes > 1 && !is_one_process(activity))
        return fmt::format("{} ran, but they computed one after the other.",
                           text::counted(processes, "process"));
    return fmt::format("{} computed, but they took turns.",
                       text::counted(threads_of_chief(activity), "thread"));
}

std::string seconds(double seconds) { return text::duration(seconds); }

/// ", while other programs used 1.2 of 2 CPUs"; empty if they used little.
std::string beside(const Conditions& where) {
    if (!where.others || where.others->used < busy_others) return "";
    return fmt::format(", while other programs used {:.1f} of {} CPUs", where.others->used,
                       where.others->of);
}

std::string interval(const stats::Speedup& speedup) {
    return speedup.interval
               ? fmt::format(" ({:.2g} to {:.2g})", speedup.interval->low, speedup.interval->high)
               : "";
}

bool is_busy(const Conditions& where) { return where.others && where.others->used >= busy_others; }

Finding faster(const stats::Speedup& speedup, const std::string& both, const Conditions& where) {
    const std::string factor =
        fmt::format("{:.2g} times as fast{}", speedup.ratio, interval(speedup));
    switch (speedup.finding()) {
    case stats::Finding::faster:
        if (speedup.ratio >= least_speedup)
            return {Verdict::ok,
                    fmt::format("{:.2g} times as fast as the start{}: {}{}.", speedup.ratio,
                                interval(speedup), both, beside(where))};
        if (is_busy(where)) break;
        return {Verdict::not_yet,
                fmt::format("Hardly faster than the start: {}, {}.", both, factor)};
    case stats::Finding::slower:
        if (is_busy(where) && speedup.ratio > clearly_slower) break;
        return {Verdict::not_yet, fmt::format("Slower than the start: {}{}.", both, beside(where))};
    case stats::Finding::same:
    case stats::Finding::undecided:
        if (is_busy(where) || !speedup.precise()) break;
        return {Verdict::not_yet, fmt::format("No faster than the start: {}, {}.", both, factor)};
    case stats::Finding::too_few:
        return {Verdict::cannot_tell,
                fmt::format("Runs take so long here that there were only {}: {}, {}{}.",
                            text::counted(speedup.pairs, "pair"), both, factor, beside(where))};
    }
    return {Verdict::cannot_tell,
            fmt::format("The times differ too much from run to run: {}, {}{}.", both, factor,
                        beside(where))};
}

Finding not_slower(const stats::Speedup& speedup, const std::string& both,
                   const Conditions& where) {
    if (!speedup.interval)
        return {Verdict::cannot_tell, fmt::format("Too few runs: {}{}.", both, beside(where))};
    const bool doubtful = is_busy(where) && speedup.interval->high > clearly_slower;
    if (speedup.interval->high < least_gain && !doubtful)
        return {Verdict::not_yet, fmt::format("Slower than one thread that needs no lock: {}{}.",
                                              both, beside(where))};
    if (speedup.ratio < least_gain || (speedup.interval->low < least_gain && doubtful))
        return {
            Verdict::cannot_tell,
            fmt::format("The times differ too much from run to run: {}{}.", both, beside(where))};
    return {Verdict::ok, fmt::format("No slower than one thread: {}{}.", both, beside(where))};
}

} // namespace

const char* word(Verdict verdict) {
    switch (verdict) {
    case Verdict::ok:
        break;
    case Verdict::not_yet:
        return "not yet";
    case Verdict::cannot_tell:
        return "cannot tell";
    }
    return "ok";
}

Finding parallelism(const Activity& activity, const Conditions& where, double start_cpu_s) {
    if (activity.looks < sys::fewest_looks)
        return {Verdict::cannot_tell,
                fmt::format("Its processes were looked at {} only, as looking takes long here.",
                            text::counted(activity.looks, "time"))};
    const Busy found = busy(activity, wanted);
    const bool processes = processes_of(activity) > 1 && !is_one_process(activity);
    const char* const who = processes ? "processes" : "threads";
    // A thread that waits for a lock, such as Python's, wakes up to look: on a busy machine that
    // is as much time without a CPU as computing would be. So is yielding it to the one that
    // computes.
    const bool is_parallel = found.is_parallel(start_cpu_s) && !one_did_it(activity);
    if (is_parallel && !processes && !busy(activity, computed).is_parallel(start_cpu_s))
        return {Verdict::cannot_tell,
                fmt::format("Several threads wanted a CPU at the same time, for {} of {}, but the "
                            "CPUs were too busy to see them compute.",
                            seconds(found.parallel_s), seconds(found.any_s))};
    if (is_parallel)
        return {Verdict::ok, fmt::format("Several {} computed at the same time, for {} of {}.", who,
                                         seconds(found.parallel_s), seconds(found.any_s))};
    if (where.usable_cpus < 2 && !activity.ready_known)
        return {Verdict::cannot_tell, "There is only one CPU to compute on, and this kernel does "
                                      "not tell what waited for it."};
    if (found.any_s < shortest_seen_s &&
        start_cpu_s > far_longer * std::max(activity.total.cpu_s, shortest_seen_s))
        return {Verdict::not_yet,
                fmt::format("It computed for {} only, and the start for {}: it leaves out work.",
                            seconds(activity.total.cpu_s), seconds(start_cpu_s))};
    if (found.any_s < shortest_seen_s)
        return {.verdict = Verdict::cannot_tell,
                .words = fmt::format("It computed for {} only, which is too short to see.",
                                     seconds(activity.total.cpu_s)),
                .may_change = true};
    if (found.parallel_s > 0.1 * found.any_s && !one_did_it(activity))
        return {.verdict = is_busy(where) ? Verdict::cannot_tell : Verdict::not_yet,
                .words =
                    fmt::format("Several {} computed at the same time for only {} of {}{}.", who,
                                seconds(found.parallel_s), seconds(found.any_s), beside(where)),
                .may_change = !is_busy(where)};
    return {Verdict::not_yet, why_serial(activity)};
}

Finding overlap(const Activity& activity, double waits_s, std::size_t count) {
    const std::string took = fmt::format("{} waits, {} one after the other, took {}", count,
                                         seconds(waits_s), seconds(activity.wall_s));
    if (activity.wall_s < 0.9 * waits_s / double(count))
        return {Verdict::not_yet,
                fmt::format("It ended after {}, before one wait can have: it does not wait.",
                            seconds(activity.wall_s))};
    const std::size_t at_once = most_at_once(activity);
    const bool hardly_seen =
        activity.wall_s / double(activity.looks + 1) > 0.5 * waits_s / double(count);
    if (activity.wall_s < waits_s) {
        // So some waits overlapped, or were left out. As many threads as overlapping takes were
        // seen, give or take those that were missed, or the program need not have waited.
        if (double(at_once) >= std::max(2.0, 0.5 * waits_s / activity.wall_s) &&
            (activity.wall_s <= waits_overlap * waits_s || 2 * at_once >= count))
            return {Verdict::ok, fmt::format("The waits overlapped: {}.", took)};
        if (hardly_seen || at_once > 1)
            return {
                Verdict::cannot_tell,
                fmt::format("Some waits overlapped; whether all did is not seen here: {}.", took)};
        return {Verdict::not_yet,
                fmt::format("{}, but only one thread was seen: it leaves out waits.", took)};
    }
    if (2 * at_once >= count)
        return {Verdict::cannot_tell,
                fmt::format("{} threads lived at the same time: {}.", at_once, took)};
    if (activity.total.ready_s > most_ready * activity.wall_s)
        return {Verdict::cannot_tell,
                fmt::format("Its threads waited {} for a CPU, as this machine is busy: {}.",
                            seconds(activity.total.ready_s), took)};
    if (hardly_seen)
        return {Verdict::cannot_tell,
                fmt::format("{}, and its threads were looked at {} only, as looking takes long "
                            "here.",
                            took, text::counted(activity.looks, "time"))};
    const std::size_t others = activity.threads.size() > 1 ? activity.threads.size() - 1 : 0;
    if (others > 1)
        return {
            Verdict::not_yet,
            fmt::format("{} waited, but one after the other: {}.",
                        text::counted(others, processes_of(activity) > 1 ? "process" : "thread"),
                        took)};
    return {Verdict::not_yet, fmt::format("One wait came after the other: {}.", took)};
}

Finding speed(Aspect aspect, const Times& times, const Conditions& where) {
    const std::string both = fmt::format("{} against {}", seconds(stats::median(times.now)),
                                         seconds(stats::median(times.before)));
    if (where.usable_cpus < 2)
        return {Verdict::cannot_tell,
                aspect == Aspect::faster
                    ? fmt::format("There is only one CPU to compute on: {}.", both)
                    : fmt::format("On one CPU, threads hardly wait for one another: {}.", both)};
    const auto speedup = stats::speedup(times.before, times.now);
    if (!speedup) return {Verdict::cannot_tell, "No run could be timed."};
    if (aspect == Aspect::not_slower) return not_slower(*speedup, both, where);
    Finding found = faster(*speedup, both, where);
    found.may_change =
        found.verdict != Verdict::ok && !is_busy(where) && speedup->ratio > clearly_slower;
    return found;
}

std::vector<GanttLane> lanes_of(const Activity& activity, const std::string& label) {
    std::vector<GanttLane> lanes;
    for (const ThreadActivity& thread : activity.threads) {
        if (lanes.size() == most_lanes) break;
        if (thread.last_s - thread.first_s < shortest_row * activity.wall_s ||
            is_helpers(thread, activity))
            continue;
        GanttLane lane{fmt::format("{} {}", label, lanes.size() + 1), {}};
        const auto add = [&](double begin, double end, BarKind kind) {
            if (end <= begin) return;
            if (!lane.bars.empty() && lane.bars.back().kind == kind &&
                begin - lane.bars.back().end_s < 1e-9)
                lane.bars.back().end_s = end;
            else
                lane.bars.push_back({begin, end, kind});
        };
        const double step = activity.interval_s;
        double at = thread.first_s;
        for (std::size_t i = 0; step > 0 && i < thread.intervals.size(); ++i) {
            const double begin = std::max(thread.first_s, double(i) * step);
            const double end = std::min(thread.last_s, double(i + 1) * step);
            if (end <= begin) continue;
            const bool works = thread.intervals[i].wanted_s() >= busy_load * step;
            add(begin, end, works ? BarKind::work : BarKind::wait);
            at = end;
        }
        add(at, thread.last_s, BarKind::wait);
        if (!lane.bars.empty()) lanes.push_back(std::move(lane));
    }
    return lanes;
}

} // namespace mpworkshop::practice
