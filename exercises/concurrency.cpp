// concurrency: the same tasks on one CPU, then on two.
//
// On one CPU the tasks take turns: each runs for a while, then the other. That
// is concurrency. On two CPUs they run at the same moment: that is
// parallelism. You will see when each task really ran; the CPU time is the
// same in both, the time on the wall is half.
//
// In Python: os.sched_setaffinity(0, {0}), then the same tasks in processes.

#include <mp/mp.hpp>

#include <vector>

#include "exercises/busy.hpp"
#include "exercises/run_simultaneously.hpp"
#include "exercises/spans.hpp"

namespace {

using exercises::RunIntervals;

// Computes piece by piece and looks at the clock after each. Where the clock
// has jumped, another task had the CPU meanwhile.
void task(std::uint64_t slices, std::uint64_t rounds, RunIntervals& ran) {
    ran.note(exercises::clock_s());
    for (std::uint64_t i = 0; i < slices && !mp::interrupted(); ++i) {
        [[maybe_unused]] const volatile double number =
            exercises::compute(rounds);
        ran.note(exercises::clock_s());
    }
}

std::vector<RunIntervals> all_at_once(unsigned tasks, std::uint64_t slices,
                                      std::uint64_t rounds) {
    std::vector<RunIntervals> ran(tasks, RunIntervals(0.0005));
    exercises::run_simultaneously(
        tasks, [&](unsigned i) { task(slices, rounds, ran[i]); });
    return ran;
}

} // namespace

// ---- Options, and the lines on the screen.

#include "exercises/elapsed.hpp"
#include "exercises/lesson.hpp"
#include "mpworkshop/sys/affinity.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t tasks = 2;
    double seconds = 0.08;
};

struct Timeline {
    unsigned cpus = 0;
    Elapsed took = {};
    std::vector<RunIntervals> ran = {};
};

Timeline timeline_on(const std::vector<unsigned>& cpus, const Options& o) {
    constexpr double slice_s = 20e-6;
    const std::uint64_t rounds = rounds_for(slice_s);
    const auto slices = std::uint64_t(std::ceil(o.seconds / slice_s));
    const sys::CpuAffinityGuard only(cpus);
    Timeline timeline{.cpus = unsigned(cpus.size())};
    timeline.took = elapsed([&] {
        timeline.ran = all_at_once(unsigned(o.tasks), slices, rounds);
    });
    return timeline;
}

// Both timelines begin at zero, so that one chart shows which is shorter.
std::vector<mpworkshop::GanttLane>
lanes_of(const std::vector<Timeline>& timelines) {
    std::vector<mpworkshop::GanttLane> lanes;
    for (const Timeline& timeline : timelines) {
        double begin = HUGE_VAL;
        for (const RunIntervals& ran : timeline.ran)
            if (!ran.bars().empty())
                begin = std::min(begin, ran.bars().front().begin_s);
        for (std::size_t i = 0; i < timeline.ran.size(); ++i) {
            lanes.push_back(
                {fmt::format("{}, task {}",
                             text::counted(timeline.cpus, "CPU"), i + 1),
                 timeline.ran[i].bars()});
            for (mpworkshop::GanttBar& bar : lanes.back().bars)
                bar.begin_s -= begin, bar.end_s -= begin;
        }
    }
    return lanes;
}

Value value_of(const Timeline& timeline,
               std::span<const mpworkshop::GanttLane> lanes) {
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

void run(Run& run, const Options& o) {
    run.say(fmt::format("{}, each of which computes for {} when it is alone.",
                        text::counted(o.tasks, "task"),
                        text::duration(o.seconds)));
    const std::vector<unsigned> usable = sys::usable_cpus();
    const bool two = usable.size() > 1 && mp::process_cpu_count() > 1;
    std::vector<Timeline> timelines;
    timelines.push_back(timeline_on({usable.front()}, o));
    run.outcome.so_far = "the tasks ran on one CPU";
    // The first and the last: neighbouring numbers are often two halves of one
    // core.
    if (two)
        timelines.push_back(timeline_on({usable.front(), usable.back()}, o));

    const auto lanes = lanes_of(timelines);
    run.say("");
    run.draw(lanes);
    run.say("");
    Value::List runs;
    for (std::size_t i = 0; i < timelines.size(); ++i) {
        const Timeline& timeline = timelines[i];
        run.say(fmt::format("{:<8}{:>9} wall{:>10} CPU{:>8.2f} CPUs busy",
                            text::counted(timeline.cpus, "CPU"),
                            text::duration(timeline.took.wall_s),
                            text::duration(timeline.took.cpu_s),
                            timeline.took.cpus_busy()));
        runs.push_back(value_of(
            timeline, std::span(lanes).subspan(i * o.tasks, o.tasks)));
    }
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
        !two
            ? "Only one CPU may be used here, so there is one timeline."
            : fmt::format(
                  "On two CPUs: {:.2f} times the CPU time, {:.2f} times the wall time.",
                  timelines[1].took.cpu_s / timelines[0].took.cpu_s,
                  timelines[1].took.wall_s / timelines[0].took.wall_s);
    run.outcome.next = "cores";
}

Plan plan() {
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

} // namespace

const Exercise concurrency = {
    .kind = mpworkshop::Kind::demonstration,
    .minutes = 5,
    .name = "concurrency",
    .summary = "the same tasks on one CPU and on two: in turns, or at once",
    .about =
        "Tasks compute on one CPU, then on two, and note when they really ran. One chart shows "
        "both: interleaved, then overlapping; the same CPU time, half the wall time.",
    .example = "concurrency --tasks 3 --seconds 0.1",
    .plan = plan,
};

} // namespace exercises
