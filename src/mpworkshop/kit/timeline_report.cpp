#include "mpworkshop/kit/timeline_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "mpworkshop/kit/fields.hpp"
#include "mpworkshop/kit/other_programs.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

/// When each task ran: [[begin_s, end_s], ...].
Value intervals_of(const std::vector<GanttLane>& lanes) {
    Value::List tasks;
    for (const GanttLane& lane : lanes) {
        Value::List bars;
        for (const GanttBar& bar : lane.bars)
            bars.emplace_back(std::vector<double>{bar.begin_s, bar.end_s});
        tasks.emplace_back(std::move(bars));
    }
    return tasks;
}

Fields fields_of(const Timeline& timeline, const std::vector<GanttLane>& lanes) {
    const double busy = timeline.took.cpus_busy();
    return {Field::label(text::counted(timeline.cpus, "CPU")),
            Field::seconds("wall_s", timeline.took.wall_s),
            Field::seconds("cpu_s", timeline.took.cpu_s),
            {"cpus_busy", busy, fmt::format("{:.2f}", busy)},
            {"cpus", timeline.cpus},
            {"ran", intervals_of(lanes)}};
}

/// Whether a task began while another was in progress.
bool overlap(const std::vector<RunIntervals>& ran) {
    double last_end = -HUGE_VAL;
    std::vector<std::pair<double, double>> spans;
    for (const RunIntervals& each : ran)
        if (!each.bars().empty())
            spans.emplace_back(each.bars().front().begin_s, each.bars().back().end_s);
    std::ranges::sort(spans);
    for (const auto& [begin, end] : spans) {
        if (begin < last_end) return true;
        last_end = end;
    }
    return false;
}

std::string meaning(const std::vector<Timeline>& timelines) {
    if (timelines.size() < 2) return "Only one CPU may be used here, so there is one timeline.";
    const Elapsed &one = timelines[0].took, &two = timelines[1].took;
    return fmt::format("On two CPUs: {:.2f} times the CPU time, {:.2f} times the wall time.",
                       two.cpu_s / one.cpu_s, two.wall_s / one.wall_s);
}

constexpr double parallel_cpus = 1.3; // more than one, allowing for the clocks

} // namespace

std::string what_the_timelines_show(const std::vector<Timeline>& timelines,
                                    const std::optional<sys::CpusUsed>& others) {
    const Timeline& one = timelines.front();
    if (one.ran.size() < 2) return "One task alone has none to take turns with: give --tasks 2.";
    std::string words = overlap(one.ran)
                            ? "On one CPU the tasks were interleaved: concurrent, not parallel."
                            : "On one CPU the tasks ran one after the other, too short to take "
                              "turns: give more --seconds.";
    if (timelines.size() < 2) return words;
    if (timelines[1].took.cpus_busy() >= parallel_cpus)
        return words + " On two they ran at the same moment: in parallel.";
    const std::string taken = taken_by_others(others);
    return words + " On two they hardly ran at the same moment" +
           (taken.empty() ? "; run it again." : ": " + taken + ". End them, and run it again.");
}

void report_timelines(Run& run, std::uint64_t tasks, double seconds,
                      const std::vector<Timeline>& timelines,
                      const std::optional<sys::CpusUsed>& others) {
    Value::List runs;
    std::vector<GanttLane> chart;
    std::vector<std::string> table;
    for (const Timeline& timeline : timelines) {
        const auto lanes = lanes_of(timeline.ran, text::counted(timeline.cpus, "CPU") + ", task ");
        chart.insert(chart.end(), lanes.begin(), lanes.end());
        const Fields fields = fields_of(timeline, lanes);
        runs.emplace_back(object(fields));
        table.push_back(line("{:<8}{:>9} wall{:>10} CPU{:>8} CPUs busy", fields));
    }
    run.say("");
    run.draw(chart);
    run.say("");
    for (const std::string& row : table) run.show(row);
    run.say("\n" + what_the_timelines_show(timelines, others));
    run.outcome.result = Value::object({{"tasks", tasks},
                                        {"seconds", seconds},
                                        {"usable", mp::process_cpu_count()},
                                        {"runs", runs}});
    run.outcome.meaning = meaning(timelines);
}

} // namespace mpworkshop::kit
