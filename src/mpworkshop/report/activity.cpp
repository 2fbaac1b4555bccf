#include "mpworkshop/report/activity.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <vector>

#include "mpworkshop/text/strip_chart.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::report {
namespace {

constexpr std::size_t most_lines = 6; // of threads
constexpr double noticeable_ready_s = 0.001;

std::string key_of(const sys::Activity& activity, const StripStyle& style) {
    const bool waited = activity.total.ready_s > 0.01 * activity.total.cpu_s;
    return text::fitted(
        fmt::format("CPUs busy over time{}",
                    waited ? fmt::format("; {} stands for threads that were ready without one",
                                         style.utf8 ? "░" : ":")
                           : std::string()),
        style.width);
}

std::string chart_of(const sys::Activity& activity, const StripStyle& style) {
    if (activity.total.wanted_s() < 0.01) return "";
    const std::size_t parts = 2 * std::size_t(style.width);
    const double part_s = activity.wall_s / double(parts);
    std::vector<StripPoint> points;
    for (const sys::CpuLoad& load : resampled(activity, parts))
        points.push_back({load.cpu_s / part_s, load.ready_s / part_s});
    return key_of(activity, style) + strip_chart(points, activity.wall_s, style);
}

/// The threads that computed, the busiest first.
std::vector<const sys::ThreadActivity*> computing_threads(const sys::Activity& activity) {
    std::vector<const sys::ThreadActivity*> threads;
    for (const sys::ThreadActivity& each : activity.threads)
        if (computed(each, activity)) threads.push_back(&each);
    std::ranges::stable_sort(threads, std::ranges::greater(),
                             [](const auto* each) { return each->total.cpu_s; });
    return threads;
}

std::string thread_line(const sys::ThreadActivity& thread, const sys::Activity& activity,
                        std::size_t width) {
    std::string line = fmt::format("  {:<15} {:>7}{:>9} CPU", text::printable(thread.name, 15),
                                   thread.thread, text::duration(thread.total.cpu_s));
    if (activity.ready_known && width >= 60)
        line += fmt::format("{:>9} ready without a CPU", text::duration(thread.total.ready_s));
    return line + "\n";
}

std::string threads_of(const sys::Activity& activity, std::size_t width) {
    const auto threads = computing_threads(activity);
    if (threads.empty()) return "";
    std::set<pid_t> processes;
    for (const auto* each : threads) processes.insert(each->process);
    std::string lines = text::paragraph(
        fmt::format("{} of {} and {} of {} computed:", processes.size(),
                    text::counted(activity.processes, "process"), threads.size(),
                    text::counted(activity.threads.size() + activity.unlisted_threads, "thread")),
        width);
    for (std::size_t i = 0; i < std::min(threads.size(), most_lines); ++i)
        lines += thread_line(*threads[i], activity, width);
    if (threads.size() > most_lines)
        lines += fmt::format("  and {} more\n", threads.size() - most_lines);
    return lines;
}

/// Left out if it is too little to matter.
std::string ready_line(const sys::Activity& activity, std::size_t width) {
    if (!activity.ready_known || activity.total.ready_s < noticeable_ready_s) return "";
    return text::paragraph(fmt::format("Ready without a CPU, all threads together: {}.",
                                       text::duration(activity.total.ready_s)),
                           width);
}

std::string survivors_line(const sys::Activity& activity, std::size_t width) {
    if (activity.still_running == 0) return "";
    return text::paragraph(fmt::format("{} that it started still {}.",
                                       text::counted(activity.still_running, "process"),
                                       activity.still_running == 1 ? "runs" : "run"),
                           width);
}

Value value_of(const sys::ThreadActivity& thread, const sys::Activity& activity) {
    return Value::object({{"process", thread.process},
                          {"thread", thread.thread},
                          {"name", thread.name},
                          {"first_s", thread.first_s},
                          {"last_s", thread.last_s},
                          {"cpu_s", thread.total.cpu_s},
                          {"ready_s", activity.ready_known ? Value(thread.total.ready_s) : Value()},
                          {"usable_cpus", thread.usable_cpus}});
}

std::vector<double> rates(const sys::Activity& activity, double sys::CpuLoad::*what) {
    std::vector<double> rates;
    rates.reserve(activity.intervals.size());
    for (const sys::CpuLoad& each : activity.intervals)
        rates.push_back(each.*what / activity.interval_s);
    return rates;
}

} // namespace

std::string activity(const sys::Activity& activity, const sys::Terminal& terminal) {
    const std::size_t width = sys::text_width(terminal);
    const StripStyle style = {.width = unsigned(width), .utf8 = terminal.utf8};
    return chart_of(activity, style) + threads_of(activity, width) + ready_line(activity, width) +
           survivors_line(activity, width);
}

Value activity_facts(const sys::Activity& activity) {
    Value::List threads;
    for (const sys::ThreadActivity& each : activity.threads)
        threads.push_back(value_of(each, activity));
    return Value::object(
        {{"wall_s", activity.wall_s},
         {"cpu_s", activity.total.cpu_s},
         {"cpus_busy", activity.wall_s > 0 ? activity.total.cpu_s / activity.wall_s : 0.0},
         {"ready_s", activity.ready_known ? Value(activity.total.ready_s) : Value()},
         {"interval_s", activity.interval_s},
         {"cpus_busy_over_time", rates(activity, &sys::CpuLoad::cpu_s)},
         {"ready_over_time",
          activity.ready_known ? Value(rates(activity, &sys::CpuLoad::ready_s)) : Value()},
         {"processes", activity.processes},
         {"still_running", activity.still_running},
         {"threads", std::move(threads)},
         {"unlisted_threads", activity.unlisted_threads},
         {"looks", activity.looks},
         {"watch_cpu_s", activity.watch_cpu_s}});
}

} // namespace mpworkshop::report
