#define MPWORKSHOP_LESSON
#include "exercises/threads_io/threads_io.cpp"

#include <mutex>

#include "exercises/command.hpp"
#include "mpworkshop/kit/run_simultaneously.hpp"
#include "mpworkshop/kit/waiting.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t tasks = 8;
    double seconds = 2;
    std::string io = "sleep";
    input::TraceChoice trace;
};

double seconds_since(Clock::time_point begin) {
    return Seconds(Clock::now() - begin).count();
}

// Runs the tasks in this way, with a line as each one ends.
void stage(Run& run, std::string name, decltype(in_a_loop) way,
           const Options& o, const Task& wait, Clock::time_point all_began) {
    std::mutex mutex;
    std::exception_ptr failure; // none may leave a thread
    std::uint64_t ended = 0;
    const auto begin = Clock::now();
    const auto task = [&](int number) {
        try {
            const double began = seconds_since(all_began);
            if (!mp::interrupted()) wait(number);
            const std::lock_guard lock(mutex);
            run.outcome.lanes[std::size_t(number) - 1].bars.push_back(
                {{began, seconds_since(all_began), mpworkshop::BarKind::wait},
                 name});
            if (mp::interrupted()) return;
            run.say(fmt::format("  task {} ended after {}", number,
                                text::duration(seconds_since(begin))));
            ++ended;
        } catch (...) {
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
        }
    };
    run.timed(name, [&] { way(int(o.tasks), task); });
    run.outcome.so_far = fmt::format("{} of {} ended in the stage {}", ended,
                                     text::counted(o.tasks, "task"), name);
    if (mp::interrupted()) throw mp::Interrupted();
    if (failure) std::rethrow_exception(failure);
}

void run(Run& run, const Options& o) {
    run.keep_trace(o.trace);
    run.outcome.result = Value::object(
        {{"tasks", o.tasks}, {"seconds", o.seconds}, {"io", o.io}});
    const double loop = double(o.tasks) * o.seconds;
    run.say(fmt::format(
        "{} of {}: {} in a loop, then about {} with threads, {} in all.",
        text::counted(o.tasks, "task"), text::duration(o.seconds),
        text::duration(loop), text::duration(o.seconds),
        text::duration(loop + o.seconds)));
    const kit::Waiting waiting = kit::waiting_for(o.io, o.seconds);
    run.say("Here: " + waiting.what + ".");
    // Starting threads takes microseconds: better to learn now than after the
    // loop that the machine has too few.
    kit::run_simultaneously(unsigned(o.tasks), [](unsigned) {});

    for (std::uint64_t i = 1; i <= o.tasks; ++i)
        run.outcome.lanes.push_back(
            {fmt::format("task {}", i), mp::this_process::pid(), {}});
    const auto began = Clock::now();
    run.say("\nIn a loop:");
    stage(run, "loop", in_a_loop, o, waiting.task, began);
    run.say("\nOne thread each:");
    stage(run, "threads", one_thread_each, o, waiting.task, began);
    run.say(
        "\nPython keeps threads for such work: its global lock lets one compute at a time. C++ has "
        "no such lock: its threads compute at once too, and so do the pools of the next exercises "
        "with --backend threads. Processes add isolation: what crashes in one stays there.");

    const mpworkshop::Timing one = run.timing("loop");
    run.outcome.meaning = fmt::format(
        "Threads: {:.1f} times as fast{}.",
        one.wall_s / run.timing("threads").wall_s,
        one.cpu_s < one.wall_s / 2
            ? ", while the CPUs were mostly idle"
            : "; but the CPUs were busy: is TMPDIR in memory? Set it to a folder on a disk");
    if (run.quiet()) run.show(run.outcome.meaning);
}

} // namespace

Plan plan_threads_io() {
    auto o = std::make_shared<Options>();
    return {
        .options = input::with_trace(
            {input::count("--tasks", "how many tasks (default: 8)", o->tasks,
                          {.most = 1000, .such_as = "8"}),
             input::number("--seconds", "how long each waits (default: 2)",
                           o->seconds, 0.001, 3600, "0.5"),
             input::choice("--io",
                           "what for: sleep, disk or web (default: sleep)",
                           o->io, {"sleep", "disk", "web"})},
            o->trace),
        .run = [o](Run& each) { run(each, *o); },
    };
}

} // namespace exercises
