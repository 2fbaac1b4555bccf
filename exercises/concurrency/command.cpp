#define MPWORKSHOP_LESSON
#include "exercises/concurrency/concurrency.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/rounds_for.hpp"
#include "mpworkshop/kit/run_simultaneously.hpp"
#include "mpworkshop/kit/timeline_report.hpp"
#include "mpworkshop/sys/affinity.hpp"
#include "mpworkshop/sys/other_programs.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t tasks = 2;
    double seconds = 0.08;

    std::vector<input::Option> options() {
        return {input::count("--tasks", "number of tasks", tasks,
                             {.most = 16, .such_as = "2"}),
                input::number("--seconds", "how long each computes alone",
                              seconds, 0.001, 600, "0.1")};
    }
};

// The tasks compute step by step and read the clock after each step. Where the
// clock has jumped, another task had the CPU meanwhile.
kit::Timeline timeline_on(const std::vector<unsigned>& cpus,
                          const Options& o) {
    constexpr double step_s = 20e-6;
    const long rounds = kit::rounds_for(step_s, step);
    const int steps = int(std::ceil(o.seconds / step_s));
    const sys::CpuAffinityGuard only(cpus);
    kit::Timeline timeline{
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

void run(Run& run, const Options& o) {
    run.say(fmt::format("{}, each of which computes for {} when it is alone.",
                        text::counted(o.tasks, "task"),
                        text::duration(o.seconds)));
    kit::run_simultaneously(unsigned(o.tasks), [](unsigned) {
    }); // throws if there are too few threads
    const std::vector<unsigned> usable = sys::usable_cpus();
    const bool two = usable.size() > 1 && mp::process_cpu_count() > 1;
    const sys::OtherPrograms others;
    std::vector<kit::Timeline> timelines = {timeline_on({usable.front()}, o)};
    run.outcome.so_far = "the tasks ran on one CPU";
    // The first and the last: CPUs with adjacent numbers often share one core.
    if (two)
        timelines.push_back(timeline_on({usable.front(), usable.back()}, o));
    kit::report_timelines(run, o.tasks, o.seconds, timelines,
                          others.cpus_used());
}

} // namespace

Plan plan_concurrency() { return planned(run); }

} // namespace exercises
