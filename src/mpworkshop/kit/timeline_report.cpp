#include "mpworkshop/kit/timeline_report.hpp"

#include <fmt/format.h>

#include "mpworkshop/kit/fields.hpp"
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

std::string moral(const std::vector<Timeline>& timelines) {
    const char* on_two = timelines.size() < 2 ? ""
                         : timelines[1].took.cpus_busy() >= 1.3
                             ? " On two they overlap."
                             : " On two they would overlap, but other programs have the CPUs now: "
                               "run it again.";
    return fmt::format("On one CPU tasks are interleaved: concurrent, not parallel.{}", on_two);
}

std::string meaning(const std::vector<Timeline>& timelines) {
    if (timelines.size() < 2) return "Only one CPU may be used here, so there is one timeline.";
    const Elapsed &one = timelines[0].took, &two = timelines[1].took;
    return fmt::format("On two CPUs: {:.2f} times the CPU time, {:.2f} times the wall time.",
                       two.cpu_s / one.cpu_s, two.wall_s / one.wall_s);
}

} // namespace

void report_timelines(Run& run, std::uint64_t tasks, double seconds,
                      const std::vector<Timeline>& timelines) {
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
    run.say("\n" + moral(timelines));
    run.outcome.result = Value::object({{"tasks", tasks},
                                        {"seconds", seconds},
                                        {"usable", mp::process_cpu_count()},
                                        {"runs", runs}});
    run.outcome.meaning = meaning(timelines);
}

} // namespace mpworkshop::kit
