#include "mpworkshop/kit/race_report.hpp"

#include <fmt/format.h>

#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/lost_update.hpp"
#include "mpworkshop/kit/other_programs.hpp"
#include "mpworkshop/kit/stats.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

constexpr const char* cure_layout = "  {:<32}{:>14}{:>12}{:>10}";

/// What the pairs say, without a caution.
std::string cost_of_a_cache_line(const CacheLines& lines) {
    using stats::Finding;
    constexpr double clearly_slower = 1.2;
    // Fewer are over before the last thread has started.
    if (lines.updates < 10'000) return "Too few updates to say what one takes: give --updates 2e6.";
    if (lines.threads == 1 || lines.usable == 1) return "";
    const auto cost = stats::speedup(lines.adjacent_s, lines.padded_s);
    const Finding finding = cost ? cost->finding() : Finding::too_few;
    if (finding == Finding::undecided || finding == Finding::too_few)
        return "Whether counters side by side are slower is unclear: " + why_unclear(lines.others);
    if (finding != Finding::faster || cost->interval->low < clearly_slower) return "";
    return fmt::format("Side by side the counters are on one cache line, which the cores take from "
                       "each other: {:.1f} times as slow (95 % interval: {:.1f} to {:.1f}), for "
                       "the same instructions. That is called false sharing.",
                       cost->ratio, cost->interval->low, cost->interval->high);
}

} // namespace

std::string what_a_cache_line_costs(const CacheLines& lines) {
    std::string words = cost_of_a_cache_line(lines);
    const std::string taken = taken_by_others(lines.others);
    if (taken.empty() || words.find(taken) != std::string::npos) return words;
    if (!words.empty()) words += " ";
    return words + "All times are uncertain: " + taken + ".";
}

std::string what_one_cpu_means(unsigned cpus, unsigned usable) {
    if (usable > 1) return "";
    if (cpus > 1)
        return "A limit allows the time of one CPU at most: the threads run at the same moment, "
               "and are stopped now and then. All times include that.";
    return "Only one CPU may be used here: threads take turns, and an update is lost only if the "
           "switch comes between its load and its store. With two CPUs it is common.";
}

std::string what_was_lost(const RaceResult& losses) {
    if (!losses.cures_lost_none) return "A cure lost updates: please report that as a bug.";
    if (losses.lost_percent > 0)
        return fmt::format("{:.3g} % of the updates were lost; every cure counted all of them.",
                           losses.lost_percent);
    return "No loss was seen this time; a cure makes sure that there is none.";
}

RaceReport::RaceReport(Run& run, unsigned threads, std::uint64_t updates)
    : run_(run), threads_(threads), updates_(updates),
      lines_{.threads = threads, .usable = mp::process_cpu_count(), .updates = updates} {
    run_.outcome.result = Value::object(
        {{"threads", threads}, {"updates", updates}, {"usable", mp::process_cpu_count()}});
}

void RaceReport::unlucky_order() {
    const LostUpdate found = lost_update();
    std::string lines = "A reference count of 1. Two threads each add a reference, in an unlucky "
                        "order:\n\n  T1         T2\n";
    Value::List list;
    for (const LostUpdate::Step& step : found.steps) {
        const Fields fields = {{"thread", step.thread, step.thread == 1 ? "" : "           "},
                               {"step", step.what, step.what},
                               Field::count("value", step.value)};
        lines += line("  {}{} {}\n", fields);
        list.push_back(object(fields));
    }
    run_.say(fmt::format("{}\nThe count is {}, and 3 references exist: one update is lost. When "
                         "two of them are gone it is 0, and the memory is released while the third "
                         "still uses it. Lose an update when counting down, and the memory is "
                         "never released.",
                         lines, found.counted));
    run_.outcome.result.set(
        "unlucky_order",
        Value::object({{"steps", list}, {"expected", 3}, {"counted", found.counted}}));
}

void RaceReport::careless(const Race& race) {
    run_.say(fmt::format("\nNow {}, {} each, without protection:",
                         text::counted(threads_, "thread"), text::counted(updates_, "update")));
    Value::List list;
    std::vector<double> seconds;
    const unsigned most = threads_ > 1 ? 20 : 5;
    while (attempts_ < 5 || (lost_ == 0 && attempts_ < most)) {
        const Counted found = race();
        const std::uint64_t lost = expected() - found.counted;
        const double percent = 100 * double(lost) / double(expected());
        ++attempts_;
        const Fields fields = {Field::label(fmt::to_string(attempts_)),
                               Field::count("counted", found.counted),
                               Field::count("expected", expected()),
                               {"lost", lost},
                               {"lost_percent", percent, fmt::format("{:.1f}", percent)}};
        run_.say(line("  attempt {:<3} counted {:>13} of {:<13} {:>5} % lost", fields));
        list.push_back(object(fields));
        run_.outcome.so_far = text::counted(attempts_, "attempt");
        lost_ += lost;
        seconds.push_back(found.seconds);
    }
    tell_of_no_loss();
    careless_ns_ = update_ns(seconds);
    run_.outcome.result.set("attempts", std::move(list));
    run_.outcome.result.set("loss_seen", lost_ > 0);
    run_.say(fmt::format("\nThe cures, and what one update takes in each of {}:\n",
                         text::counted(threads_, "thread")));
    run_.show(fmt::format(cure_layout, "", "counted", "an update", "times"));
    add({Field::label("without care"), Field::label(lost_ > 0 ? "too few" : "all this time")},
        careless_ns_);
}

void RaceReport::tell_of_no_loss() const {
    if (threads_ == 1)
        run_.say("One thread alone loses nothing: give two or more --threads.");
    else if (lost_ == 0)
        run_.say("No update was lost here. That is luck and no proof: a longer run may lose some.");
    if (const std::string words =
            what_one_cpu_means(mp::affinity_cpu_count(), mp::process_cpu_count());
        !words.empty())
        run_.say(words);
}

void RaceReport::add_cure(const char* name, const char* key, const std::vector<Counted>& found) {
    std::vector<double> seconds;
    for (const Counted& each : found) {
        seconds.push_back(each.seconds);
        cures_lost_none_ = cures_lost_none_ && each.counted == expected();
    }
    const double ns = update_ns(seconds);
    cures_.push_back(add({{"name", key, name},
                          Field::count("counted", found.back().counted),
                          {"expected", expected()}},
                         ns));
}

void RaceReport::cure(const char* name, const char* key, const Race& race) {
    std::vector<Counted> found(3);
    for (Counted& each : found) each = race();
    add_cure(name, key, found);
}

void RaceReport::counters_of_their_own(const Race& side_by_side, const Race& apart) {
    std::vector<Counted> adjacent, padded;
    for (std::size_t pair = 0; pair < stats::least_for_interval; ++pair) {
        lines_.adjacent_s.push_back(adjacent.emplace_back(side_by_side()).seconds);
        lines_.padded_s.push_back(padded.emplace_back(apart()).seconds);
    }
    add_cure("one counter each, side by side", "adjacent", adjacent);
    add_cure("one counter each, kept apart", "padded", padded);
}

void RaceReport::finish() {
    run_.outcome.result.set("careless_ns", careless_ns_);
    run_.outcome.result.set("cures", cures_);
    run_.outcome.result.set("false_sharing",
                            update_ns(lines_.adjacent_s) / update_ns(lines_.padded_s));
    lines_.others = others_.cpus_used();
    if (const std::string words = what_a_cache_line_costs(lines_); !words.empty())
        run_.say("\n" + words);
    const double lost_percent = 100 * double(lost_) / (double(attempts_) * double(expected()));
    if (run_.outcome.prediction) run_.outcome.prediction->came_out(lost_percent);
    run_.outcome.meaning = what_was_lost({lost_percent, cures_lost_none_});
}

double RaceReport::update_ns(const std::vector<double>& seconds) const {
    return median(seconds) / double(updates_) * 1e9;
}

Value RaceReport::add(Fields counted, double ns) const {
    counted.push_back({"update_ns", ns, text::duration(ns * 1e-9)});
    counted.push_back(Field::label(fmt::format("{:.1f} x", ns / careless_ns_)));
    run_.show(line(cure_layout, counted));
    return object(counted);
}

} // namespace mpworkshop::kit
