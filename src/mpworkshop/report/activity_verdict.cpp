#include "mpworkshop/report/activity_verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop {
namespace {

constexpr double shortest_s = 0.15;      // a few readings of the processes
constexpr double shortest_part_s = 0.05; // long enough for some threads to take turns on a CPU
constexpr double most_parts = 50;

// Bounds between the verdicts.
constexpr double least_wanted = 0.5;         // of a part of the time: a thread wanted a CPU in it
constexpr double least_computing = 0.5;      // of the time a thread wanted a CPU, else it waited
constexpr double least_at_a_time = 1.5;      // threads, else it is serial
constexpr double most_for_each_cpu = 1.2;    // threads, else it is oversubscribed
constexpr double oversubscribed_share = 0.2; // of the time wanted that was spent ready
constexpr double least_balance = 0.75;       // the mean to the most at a time
constexpr double surely_parallel = 1.75;     // threads at a time, where others had the CPUs
constexpr double surely_busy = 1.2;          // CPUs, the same
constexpr double noticeable_share = 0.15;    // of the time wanted: others cost that much
constexpr double most_ready_share = 0.7;     // the same: more hides what it did
constexpr double noticeable_cpus = 0.2;      // that other programs took
constexpr double nearly_all_cpus = 0.8; // of those that can be used: a command alone fills them

/// The time during which a CPU was wanted.
struct Profile {
    double wanting = 0;     ///< threads that wanted a CPU at a time, on average over it
    double most = 0;        ///< the same, exceeded in a tenth of it only
    double busy = 0;        ///< CPUs kept busy, on average over it
    double ready_share = 0; ///< of the time wanted, what was spent ready
    double balance = 1;     ///< CPUs that could be used, on average, to the most
};

Profile profile_of(const sys::Activity& activity, double usable) {
    // CPU time used between two readings is spread over the time between them.
    const double parts = std::clamp(std::floor(activity.wall_s / shortest_part_s), 1.0,
                                    std::min(most_parts, double(activity.looks)));
    const double part_s = activity.wall_s / parts;
    std::vector<double> wanting;
    double cpu_s = 0, wanted_s = 0, fitting = 0;
    for (const sys::CpuLoad& load : sys::resampled(activity, std::size_t(parts))) {
        if (load.wanted_s() < least_wanted * part_s) continue;
        wanting.push_back(load.wanted_s() / part_s);
        cpu_s += load.cpu_s;
        wanted_s += load.wanted_s();
    }
    if (wanting.empty()) return {};
    const double number = double(wanting.size());
    std::ranges::sort(wanting);
    Profile profile{.wanting = wanted_s / (number * part_s),
                    .most = wanting[std::size_t(0.9 * (number - 1))],
                    .busy = cpu_s / (number * part_s),
                    .ready_share = 1 - cpu_s / wanted_s};
    for (const double each : wanting) fitting += std::min({each, usable, profile.most});
    profile.balance = fitting / number / std::min(profile.most, usable);
    return profile;
}

/// The share of the time during which a thread wanted a CPU.
double wanted_share(const sys::Activity& activity) {
    double wanted_s = 0;
    for (const sys::CpuLoad& load : activity.intervals)
        wanted_s += std::min(load.wanted_s(), activity.interval_s);
    return std::min(1.0, wanted_s / activity.wall_s);
}

/// The CPUs that its threads could use: those of this process, or fewer if it bound itself to some.
unsigned usable_cpus(const CommandRun& run) {
    unsigned most = 0;
    for (const sys::ThreadActivity& each : run.activity.threads)
        if (computed(each, run.activity))
            most = std::max(most, each.usable_cpus == 0 ? run.usable_cpus : each.usable_cpus);
    if (most == 0 || most > run.usable_cpus) most = run.usable_cpus;
    // Threads bound to different CPUs use more CPUs than each of them may.
    const double busy = run.activity.total.cpu_s / run.activity.wall_s;
    return std::clamp(static_cast<unsigned>(std::ceil(busy - 0.1)), most, run.usable_cpus);
}

std::size_t threads_that_computed(const sys::Activity& activity) {
    return std::size_t(std::ranges::count_if(
        activity.threads, [&](const auto& each) { return computed(each, activity); }));
}

std::string cpus(unsigned number) {
    return number == 1 ? "one CPU" : fmt::format("{} CPUs", number);
}

bool others_noticed(const CommandRun& run) {
    return run.others && run.others->used >= noticeable_cpus;
}

/// Whether something else may be the reason why threads waited for CPUs.
bool others_possible(const CommandRun& run, const Profile& profile, unsigned usable) {
    return run.others ? others_noticed(run) : profile.busy < nearly_all_cpus * usable;
}

/// Why it had to wait for CPUs although there were enough; empty if it did not.
std::string disturbance(const CommandRun& run, const Profile& profile) {
    if (profile.ready_share < noticeable_share) return "";
    if (others_noticed(run))
        return fmt::format(" It waited for a CPU for {:.0f} % of the time that it wanted one, as "
                           "other programs had them: measure again on an idle machine.",
                           profile.ready_share * 100);
    return fmt::format(" It waited for a CPU for {:.0f} % of the time that it wanted one.",
                       profile.ready_share * 100);
}

std::string waiting_words(double wanted) {
    const double idle = 100 * (1 - wanted);
    const std::string share =
        wanted > 0 && idle >= 99.5 ? "more than 99" : fmt::format("{:.0f}", idle);
    return fmt::format("Waiting (I/O-bound): for {} % of the time no thread wanted a CPU. More "
                       "CPUs do not help; waits that overlap do.",
                       share);
}

std::string serial_words(const CommandRun& run, unsigned usable) {
    const std::size_t threads = threads_that_computed(run.activity);
    const std::string who = threads > 1
                                ? fmt::format("{} threads computed, but one at a time", threads)
                                : "one thread at a time computed";
    return fmt::format("Serial: {}{}.", who,
                       usable > 1 ? fmt::format(", and {} can be used", cpus(usable)) : "");
}

std::string parallel_words(const Profile& profile, unsigned usable) {
    return fmt::format("Parallel: on average {:.1f} threads at a time wanted a CPU, and {:.1f} of "
                       "{} were busy.",
                       profile.wanting, profile.busy, cpus(usable));
}

std::string oversubscribed_words(const CommandRun& run, const Profile& profile, unsigned usable) {
    const std::string words =
        fmt::format("Oversubscribed: on average {:.1f} threads at a time wanted a CPU, and {} can "
                    "be used; so they took turns. Start as many as there are CPUs.",
                    profile.wanting, cpus(usable));
    if (!others_noticed(run)) return words;
    return words + fmt::format(" Other programs used {:.1f} CPUs meanwhile: measure again on an "
                               "idle machine.",
                               run.others->used);
}

std::string unbalanced_words(const Profile& profile, unsigned usable) {
    const double most = std::min(profile.most, double(usable));
    return fmt::format("Unbalanced: at times {:.1f} CPUs were used, on average {:.1f}. A part of "
                       "it is serial, or its work is not distributed evenly.",
                       most, profile.balance * most);
}

CpuUseVerdict unknown(std::string why) { return {CpuUse::unknown, std::move(why)}; }

} // namespace

const char* name_of(CpuUse use) {
    switch (use) {
    case CpuUse::waiting:
        return "waiting";
    case CpuUse::serial:
        return "serial";
    case CpuUse::parallel:
        return "parallel";
    case CpuUse::oversubscribed:
        return "oversubscribed";
    case CpuUse::unbalanced:
        return "unbalanced";
    case CpuUse::unknown:
        break;
    }
    return "unknown";
}

bool computed(const sys::ThreadActivity& thread, const sys::Activity& activity) {
    return thread.total.cpu_s >= std::max(0.005, 0.02 * activity.total.cpu_s);
}

CpuUseVerdict judge_cpu_use(const CommandRun& run) {
    const sys::Activity& activity = run.activity;
    if (run.suspended)
        return unknown("How it used the CPUs is unclear: it was stopped for a while, as by Ctrl-Z, "
                       "and the times contain that.");
    if (activity.wall_s < shortest_s)
        return unknown(fmt::format("How it used the CPUs is unclear: it ran for {} only. Give it "
                                   "work for a second or more.",
                                   text::duration(activity.wall_s)));
    if (activity.threads.empty())
        return unknown(
            "How it used the CPUs is unclear: the kernel does not show its threads here (/proc).");
    if (activity.looks < sys::fewest_looks)
        return unknown(
            fmt::format("How it used the CPUs is unclear: its processes were checked {} only, "
                        "because a check takes long here. Give it work for some seconds.",
                        text::counted(activity.looks, "time")));
    const unsigned usable = usable_cpus(run);
    const Profile profile = profile_of(activity, usable);
    const double wanted = wanted_share(activity);
    if (wanted < least_computing || profile.wanting == 0)
        return {CpuUse::waiting, waiting_words(wanted)};
    if (profile.wanting >= most_for_each_cpu * usable &&
        profile.ready_share >= oversubscribed_share) {
        // Where others have the CPUs, many threads that hand a lock on, as Python's do, are ready
        // at once, though one at a time can compute.
        if (others_possible(run, profile, usable) && profile.busy < surely_busy)
            return unknown("How it used the CPUs is unclear." + disturbance(run, profile));
        if (profile.wanting < surely_parallel)
            return unknown("How it used the CPUs is unclear: on one CPU, threads that wait for "
                           "one another's lock, as Python's do, look much like threads that wait "
                           "for the CPU.");
        return {CpuUse::oversubscribed, oversubscribed_words(run, profile, usable)};
    }
    if (profile.ready_share > most_ready_share)
        return unknown("How it used the CPUs is unclear." + disturbance(run, profile));
    const std::string why = disturbance(run, profile);
    if (profile.most < least_at_a_time) return {CpuUse::serial, serial_words(run, usable) + why};
    // Threads that hand a lock on, as Python's do, are ready together with its holder when other
    // programs have the CPUs.
    if (!why.empty() && profile.wanting < surely_parallel && profile.busy < surely_busy)
        return unknown("How it used the CPUs is unclear." + why);
    if (profile.balance < least_balance)
        return {CpuUse::unbalanced, unbalanced_words(profile, usable) + why};
    return {CpuUse::parallel, parallel_words(profile, usable) + why};
}

} // namespace mpworkshop
