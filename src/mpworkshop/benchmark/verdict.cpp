#include "mpworkshop/benchmark/verdict.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <mp/mp.hpp>

#include "mpworkshop/kit/other_programs.hpp"
#include "mpworkshop/sys/machine.hpp"
#include "mpworkshop/sys/version.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop {
namespace {

constexpr double much_scatter = 0.05; // MAD divided by the median
constexpr double little_work_s = 0.1; // below this, starting a program is a large part of its time
constexpr double much_ready = 0.15;   // of the time that a CPU was wanted
constexpr double foreign_load = 0.5;  // more than one process for each CPU

std::string number_of_cpus(unsigned usable) {
    return usable == 1 ? "one CPU" : fmt::format("{} CPUs", usable);
}

stats::Interval inverse(const stats::Interval& interval) {
    return {1 / interval.high, 1 / interval.low};
}

/// On a busy machine the verdict holds only for this moment.
std::string faster_than(const std::string& slow, const std::string& fast, double ratio,
                        const stats::Interval& interval, const Conditions& where) {
    const std::string taken = kit::taken_by_others(where.others);
    return fmt::format("{} {} {} times as fast as {} ({}){}.", fast, taken.empty() ? "is" : "was",
                       times(ratio), slow, shown(interval),
                       taken.empty() ? "" : ", while " + taken);
}

/// A command that waited for a CPU more than usual though it has no more workers than there are
/// CPUs; null if none did.
const benchmark::Result* most_often_ready(const std::vector<benchmark::Result>& commands,
                                          unsigned usable) {
    const benchmark::Result* most = nullptr;
    double share = much_ready;
    for (const benchmark::Result& each : commands) {
        if (each.command.workers == 0 || each.command.workers > usable) continue;
        if (const auto ready = each.ready_share(); ready && *ready > share) {
            share = *ready;
            most = &each;
        }
    }
    return most;
}

} // namespace

Conditions conditions() { return {sys::load_average(), mp::process_cpu_count(), build_type()}; }

std::vector<std::string> cautions(const std::vector<benchmark::Result>& commands,
                                  const Conditions& where) {
    std::vector<std::string> found;
    if (const std::string taken = kit::taken_by_others(where.others); !taken.empty())
        found.push_back("O" + taken.substr(1) + " meanwhile; end them.");
    else if (!where.others && where.load && *where.load > where.usable + foreign_load)
        found.push_back(fmt::format(
            "The machine was busy before this began: on average {:.1f} processes wanted its {}.",
            *where.load, number_of_cpus(where.usable)));
    if (const benchmark::Result* waited = most_often_ready(commands, where.usable))
        found.push_back(fmt::format("'{}' was ready to compute, but without a CPU, for {:.0f} % of "
                                    "the time that it wanted one.",
                                    waited->command.name, 100 * *waited->ready_share()));
    if (where.build == "Debug")
        found.push_back("This is a debug build; build the preset release to measure.");

    const benchmark::Result* worst = nullptr;
    double scatter = much_scatter, shortest = little_work_s;
    for (const benchmark::Result& each : commands) {
        const stats::Summary wall = stats::summary(each.wall());
        if (wall.count == 0) continue;
        shortest = std::min(shortest, wall.median);
        if (wall.scatter() > scatter) {
            scatter = wall.scatter();
            worst = &each;
        }
    }
    if (worst != nullptr)
        found.push_back(fmt::format("The times of '{}' scatter by {:.0f} % (MAD / median): end "
                                    "other programs, or give a larger --budget.",
                                    worst->command.name, 100 * scatter));
    if (shortest < little_work_s)
        found.push_back(fmt::format("{} is too little work to compare by: much of it is the start "
                                    "of the program.",
                                    text::duration(shortest)));
    return found;
}

std::vector<std::string> all_cautions(const benchmark::Results& results,
                                      const benchmark::Alternation& alternation,
                                      const Conditions& where) {
    std::vector<std::string> found = cautions(results.commands, where);
    for (const std::string& note :
         {note_of_suspensions(results), note_of_budget(results, alternation)})
        if (!note.empty()) found.push_back(note);
    return found;
}

std::string times(double ratio) { return fmt::format("{:.{}f}", ratio, ratio < 9.995 ? 2 : 0); }

std::string shown(const stats::Interval& interval) {
    return fmt::format("95 % interval: {} to {}", times(interval.low), times(interval.high));
}

std::string why_undecided(const stats::Speedup& speedup, const Conditions& where) {
    const std::string runs = speedup.pairs == 1 ? "one run of each is"
                                                : fmt::format("{} runs of each are", speedup.pairs);
    if (speedup.finding() == stats::Finding::too_few)
        return fmt::format("{} too few; give --runs {} or more, or a larger --budget.", runs,
                           stats::least_for_interval);
    if (const std::string taken = kit::taken_by_others(where.others); !taken.empty())
        return taken + " meanwhile; end them, or raise --runs or --budget.";
    return runs + " too few; raise --runs or --budget.";
}

std::string verdict(const std::string& a, const std::string& b,
                    const std::optional<stats::Speedup>& speedup, const Conditions& where) {
    if (!speedup) return {};
    const auto& [ratio, pairs, interval] = *speedup;
    switch (speedup->finding()) {
    case stats::Finding::too_few:
        return fmt::format("Whether {} or {} is faster is unclear: {}", a, b,
                           why_undecided(*speedup, where));
    case stats::Finding::undecided: {
        const bool slower = ratio < 1;
        const stats::Interval range = slower ? inverse(*interval) : *interval;
        return fmt::format("{} {} {} times as {} {}, but the 95 % interval is {} to {}: {}", b,
                           slower ? "took" : "was", times(slower ? 1 / ratio : ratio),
                           slower ? "long as" : "fast as", a, times(range.low), times(range.high),
                           why_undecided(*speedup, where));
    }
    case stats::Finding::same:
        return fmt::format("There is no measurable difference between {} and {} ({}).", a, b,
                           shown(*interval));
    case stats::Finding::faster:
        return faster_than(a, b, ratio, *interval, where);
    case stats::Finding::slower:
        break;
    }
    return faster_than(b, a, 1 / ratio, inverse(*interval), where);
}

void compare_with_prediction(std::optional<kit::Prediction>& prediction,
                             const std::optional<stats::Speedup>& speedup,
                             const Conditions& where) {
    if (!prediction || !speedup) return;
    const stats::Finding finding = speedup->finding();
    if (finding == stats::Finding::too_few || finding == stats::Finding::undecided)
        prediction->cannot_be_told(why_undecided(*speedup, where));
    else
        prediction->came_out(speedup->ratio);
}

std::string python_verdict(const benchmark::Result& cpp, const benchmark::Result& python,
                           double part) {
    const auto slower = stats::speedup(python.work(), cpp.work());
    if (!slower || !slower->precise()) return "";
    return fmt::format(" The sum of A would take it about {}, {:.0f} times as long as C++.",
                       text::duration(stats::median(python.work()) / part), slower->ratio / part);
}

} // namespace mpworkshop
