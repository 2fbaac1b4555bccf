#define MPWORKSHOP_LESSON
#include "exercises/concurrency/concurrency.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/rounds_for.hpp"
#include "mpworkshop/kit/run_simultaneously.hpp"
#include "mpworkshop/kit/spans.hpp"
#include "mpworkshop/sys/affinity.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t tasks = 2;
    double seconds = 0.08;
};

struct Timeline {
    unsigned cpus;
    kit::Elapsed took = {};
    std::vector<kit::RunIntervals> ran; // of each task
};

// The tasks compute step by step and look at the clock after each. Where the
// clock has jumped, another task had the CPU meanwhile.
Timeline timeline_on(const std::vector<unsigned>& cpus, const Options& o) {
    constexpr double step_s = 20e-6;
    const long rounds = kit::rounds_for(step_s, step);
    const int steps = int(std::ceil(o.seconds / step_s));
    const sys::CpuAffinityGuard only(cpus);
    Timeline timeline{
        .cpus = unsigned(cpus.size()),
        .ran = std::vector(o.tasks, kit::RunIntervals(0.0005)),
    };
    timeline.took = kit::elapsed([&] {
        all_at_once(int(o.tasks), [&](int number) {
            kit::RunIntervals& ran = timeline.ran[std::size_t(number) - 1];
            ran.note(kit::clock_s());
            for (int i = 0; i < steps && !mp::interrupted(); ++i) {
                [[maybe_unused]] const volatile double sum = step(rounds);
                ran.note(kit::clock_s());
            }
        });
    });
    return timeline;
}

Value value_of(const Timeline& timeline,
               const std::vector<mpworkshop::GanttLane>& lanes) {
    Value value = timeline.took.value();
    value.set("cpus", timeline.cpus);
    Value::List tasks;
    for (const mpworkshop::GanttLane& lane : lanes) {
        Value::List bars;
        for (const mpworkshop::GanttBar& bar : lane.bars)
            bars.emplace_back(std::vector<double>{bar.begin_s, bar.end_s});
        tasks.emplace_back(std::move(bars));
    }
    value.set("ran", std::move(tasks));
    return value;
}

std::string meaning(const Timeline& one, const Timeline& two) {
    return fmt::format(
        "On two CPUs: {:.2f} times the CPU time, {:.2f} times the wall time.",
        two.took.cpu_s / one.took.cpu_s, two.took.wall_s / one.took.wall_s);
}

void run(Run& run, const Options& o) {
    run.say(fmt::format("{}, each of which computes for {} when it is alone.",
                        text::counted(o.tasks, "task"),
                        text::duration(o.seconds)));
    kit::run_simultaneously(unsigned(o.tasks), [](unsigned) {}); // or an error
    const std::vector<unsigned> usable = sys::usable_cpus();
    const bool two = usable.size() > 1 && mp::process_cpu_count() > 1;
    std::vector<Timeline> timelines = {timeline_on({usable.front()}, o)};
    run.outcome.so_far = "the tasks ran on one CPU";
    // The first and the last: neighbouring numbers are often two halves of one
    // core.
    if (two)
        timelines.push_back(timeline_on({usable.front(), usable.back()}, o));

    Value::List runs;
    std::vector<mpworkshop::GanttLane> chart;
    std::string table;
    for (const Timeline& timeline : timelines) {
        const std::string cpus = text::counted(timeline.cpus, "CPU");
        const auto lanes = kit::lanes_of(timeline.ran, cpus + ", task ");
        chart.insert(chart.end(), lanes.begin(), lanes.end());
        runs.push_back(value_of(timeline, lanes));
        table += fmt::format("{}{:<8}{:>9} wall{:>10} CPU{:>8.2f} CPUs busy",
                             table.empty() ? "" : "\n", cpus,
                             text::duration(timeline.took.wall_s),
                             text::duration(timeline.took.cpu_s),
                             timeline.took.cpus_busy());
    }
    run.say("");
    run.draw(chart);
    run.say("");
    run.show(table);
    const char* on_two =
        !two ? ""
        : timelines[1].took.cpus_busy() >= 1.3
            ? " On two they overlap."
            : " On two they would overlap, but other programs have the CPUs now: run it again.";
    run.say(fmt::format(
        "\nOn one CPU tasks are interleaved: concurrent, not parallel.{}",
        on_two));
    run.outcome.result = Value::object({{"tasks", o.tasks},
                                        {"seconds", o.seconds},
                                        {"usable", mp::process_cpu_count()},
                                        {"runs", runs}});
    run.outcome.meaning =
        two ? meaning(timelines[0], timelines[1])
            : "Only one CPU may be used here, so there is one timeline.";
}

} // namespace

Plan plan_concurrency() {
    auto o = std::make_shared<Options>();
    return {
        .options = {input::count("--tasks", "how many (default: 2)", o->tasks,
                                 {.most = 16, .such_as = "2"}),
                    input::number(
                        "--seconds",
                        "how long each computes alone (default: 0.08)",
                        o->seconds, 0.001, 600, "0.1")},
        .run = [o](Run& each) { run(each, *o); },
    };
}

} // namespace exercises
