#include "mpworkshop/report/diagnosis.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::report {
namespace {

// Shares of the workers' time above which a sentence is worthwhile.
constexpr double much_without_a_cpu = 0.1;
constexpr double explains = 0.5; // of the CPUs that the workers lacked, used by other programs
constexpr double much_io = 0.25;
constexpr double much_without_work = 0.25;
constexpr double busy_enough = 0.75;
constexpr double unbalanced_from = 1.25; // the longest work over the mean

/// The data for the sentences.
struct Totals {
    std::size_t workers;
    unsigned usable_cpus;
    std::optional<sys::CpusUsed> others;
    std::uint64_t items = 0;
    double starting = 0, working = 0; // means; working includes the time without a CPU
    double most_work = 0, mean_work = 0;
    mp::ChunkTime longest = {};
    std::optional<WorkerTimes> sum = WorkerTimes(); // empty if one worker does not tell

    /// Divided by the time in which the workers could work.
    double share(double seconds) const {
        const double there = sum->wall() - sum->starting;
        return there > 0 ? seconds / there : 0;
    }
};

Totals totals_of(const Outcome& outcome, unsigned usable_cpus) {
    Totals totals{
        .workers = outcome.workers.size(), .usable_cpus = usable_cpus, .others = outcome.others};
    const double count = double(totals.workers);
    if (!are_known(outcome.workers)) totals.sum.reset();
    for (const mp::WorkerStats& worker : outcome.workers) {
        const std::optional<WorkerTimes> times = totals.sum ? times_of(worker) : std::nullopt;
        const double work = times ? times->work() : worker.busy_seconds;
        totals.items += worker.items;
        totals.starting += (worker.start_seconds + worker.init_seconds) / count;
        totals.working += (times ? work + times->ready : work) / count;
        totals.most_work = std::max(totals.most_work, work);
        totals.mean_work += work / count;
        if (worker.longest[0].seconds > totals.longest.seconds) totals.longest = worker.longest[0];
        if (!times) continue;
        totals.sum->starting += times->starting;
        totals.sum->computing += times->computing;
        totals.sum->ready += times->ready;
        totals.sum->blocked += times->blocked;
        totals.sum->waiting += times->waiting;
    }
    return totals;
}

std::string percent(double share) { return fmt::format("{:.0f} %", 100 * share); }

/// Starting took longer than working.
std::string too_little_work(const Totals& totals) {
    if (totals.working >= totals.starting) return "";
    return fmt::format("too little work: a worker took {} to start and worked for {}, on average; "
                       "give them more, or keep one pool for all of it.",
                       text::duration(totals.starting), text::duration(totals.working));
}

/// The workers could have computed more if they had had a CPU.
std::string no_cpu(const Totals& totals) {
    if (!totals.sum) {
        if (totals.workers <= totals.usable_cpus) return "";
        return fmt::format("oversubscribed: {} workers take turns on {}; give --processes {}.",
                           totals.workers, text::counted(totals.usable_cpus, "CPU"),
                           totals.usable_cpus);
    }
    const double share = totals.share(totals.sum->ready);
    if (share < much_without_a_cpu) return "";
    if (totals.workers > totals.usable_cpus) {
        const std::string turns =
            fmt::format("{} workers took turns on {} and waited for a CPU {} of the time",
                        totals.workers, text::counted(totals.usable_cpus, "CPU"), percent(share));
        if (totals.others && totals.others->is_noticeable())
            return fmt::format("oversubscribed, on a loaded machine: {}, and other programs used "
                               "{:.1f} CPUs; give --processes {}, and end the other programs.",
                               turns, totals.others->used, totals.usable_cpus);
        return fmt::format("oversubscribed: {}; give --processes {}.", turns, totals.usable_cpus);
    }
    const std::string waited =
        fmt::format("the workers were ready to compute for {} more, {} of the time",
                    text::duration(totals.sum->ready), percent(share));
    if (!totals.others)
        return waited + ", but got no CPU: other programs had them, or a limit such as a cgroup "
                        "quota applies.";
    const double lacking = share * double(totals.workers); // CPUs
    const bool noticeable = totals.others->is_noticeable();
    if (noticeable && totals.others->used >= explains * lacking)
        return "loaded machine: " + waited +
               ", but other programs had the CPUs; end them, or run it again later.";
    return fmt::format(
        "{}, but got no CPU, though other programs used {}: a limit such as a cgroup "
        "quota applies, or this program itself had the CPUs.",
        waited, noticeable ? fmt::format("only {:.1f} CPUs", totals.others->used) : "hardly any");
}

std::string blocked(const Totals& totals) {
    if (!totals.sum || totals.share(totals.sum->blocked) < much_io) return "";
    return fmt::format("the tasks waited {} of the time for something other than a CPU, such as a "
                       "file, the network or a lock; more workers than CPUs may help.",
                       percent(totals.share(totals.sum->blocked)));
}

std::string unbalanced(const Totals& totals) {
    if (totals.workers < 2 || totals.most_work <= unbalanced_from * totals.mean_work) return "";
    const std::string uneven =
        fmt::format("unbalanced: one worker worked {}, the mean is {}",
                    text::duration(totals.most_work), text::duration(totals.mean_work));
    if (totals.items < totals.workers)
        return uneven + fmt::format("; there was too little to share: {} for {}.",
                                    text::counted(totals.items, "item"),
                                    text::counted(totals.workers, "worker"));
    if (totals.items == totals.workers || totals.longest.items == 1)
        return uneven + fmt::format("; the longest item took {}: cut the work into smaller items.",
                                    text::duration(totals.longest.seconds));
    return uneven +
           fmt::format(", the longest chunk took {}; a smaller --chunksize balances better.",
                       text::duration(totals.longest.seconds));
}

std::string without_work(const Totals& totals) {
    if (!totals.sum || totals.share(totals.sum->waiting) < much_without_work) return "";
    return fmt::format("the workers waited for work {} of the time: while one has the last chunks, "
                       "or the program does its serial part.",
                       percent(totals.share(totals.sum->waiting)));
}

std::string too_few_workers(const Totals& totals) {
    if (totals.workers > 1) return "";
    if (totals.usable_cpus == 1) return "one worker on one CPU: nothing can run in parallel.";
    return fmt::format("one worker uses one of {}; give --processes {}.",
                       text::counted(totals.usable_cpus, "CPU"), totals.usable_cpus);
}

std::string nothing(const Totals& totals) {
    if (!totals.sum)
        return "no more is known: the kernel does not tell here how long the workers computed.";
    const double busy = totals.share(totals.sum->computing);
    if (busy >= busy_enough)
        return fmt::format("nothing stands out: the workers computed {} of the time, and about "
                           "equally long.",
                           percent(busy));
    return fmt::format("several small losses: the workers computed {} of the time, had no CPU {}, "
                       "were blocked {}, and had no work {}.",
                       percent(busy), percent(totals.share(totals.sum->ready)),
                       percent(totals.share(totals.sum->blocked)),
                       percent(totals.share(totals.sum->waiting)));
}

} // namespace

std::optional<WorkerTimes> times_of(const mp::WorkerStats& worker) {
    if (!worker.cpu_seconds || !worker.ready_seconds) return std::nullopt;
    WorkerTimes times{.starting = worker.start_seconds + worker.init_seconds,
                      .computing = *worker.cpu_seconds,
                      .ready = *worker.ready_seconds};
    // Part of both is outside tasks: looking for work, and being woken for it.
    const double active = times.computing + times.ready;
    times.blocked = std::max(0.0, worker.busy_seconds - active);
    times.waiting =
        std::max(0.0, worker.wait_seconds - std::max(0.0, active - worker.busy_seconds));
    return times;
}

bool are_known(const std::vector<mp::WorkerStats>& workers) {
    return std::ranges::all_of(
        workers, [](const mp::WorkerStats& worker) { return times_of(worker).has_value(); });
}

std::string diagnosis(const Outcome& outcome, unsigned usable_cpus) {
    if (outcome.workers.empty()) return "";
    const Totals totals = totals_of(outcome, usable_cpus);
    for (const auto& finding :
         {too_little_work, no_cpu, blocked, unbalanced, without_work, too_few_workers})
        if (const std::string words = finding(totals); !words.empty()) return words;
    return nothing(totals);
}

} // namespace mpworkshop::report
