// threads-io: threads speed up waiting.
//
// Some tasks each wait: for a clock, for the disk, or for a web server. First
// they run in a loop, then in one thread each. You will see a line as each
// task ends: in the loop one after the other, with threads nearly all at once,
// because while one waits the others go on. The CPUs have next to nothing to
// do.
//
// In Python: threading.Thread(target=task, args=(i,)), start() all, then
// join() all.

#include <functional>
#include <thread>
#include <vector>

namespace {

using Task = std::function<void(int)>;

void in_a_loop(int tasks, const Task& task) {
    for (int i = 1; i <= tasks; ++i) task(i);
}

void one_thread_each(int tasks, const Task& task) {
    std::vector<std::jthread> threads;
    // Start all, then wait for all.
    for (int i = 1; i <= tasks; ++i) threads.emplace_back(task, i);
    for (std::jthread& thread : threads) thread.join();
}

} // namespace

// ---- Options, and the lines on the screen.

#include <mutex>

#include "exercises/lesson.hpp"
#include "exercises/run_simultaneously.hpp"
#include "exercises/waiting.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t tasks = 8;
    double seconds = 2;
    std::string io = "sleep";
    input::TraceChoice trace;
};

using Clock = std::chrono::steady_clock;

// Runs the tasks by `how`, with a line as each one ends.
void stage(Run& run, std::string name, const Options& options,
           const Task& wait, void (*how)(int, const Task&),
           Clock::time_point all_began) {
    std::mutex mutex;
    // An exception that leaves a thread would end the program.
    std::exception_ptr failure;
    std::uint64_t ended = 0;
    const auto begin = Clock::now();
    const auto task = [&](int i) {
        try {
            const auto since = [&] {
                return std::chrono::duration<double>(Clock::now() - all_began)
                    .count();
            };
            const double began = since();
            if (!mp::interrupted()) wait(i);
            const std::lock_guard lock(mutex);
            run.outcome.lanes[std::size_t(i) - 1].bars.push_back(
                {{began, since(), mpworkshop::BarKind::wait}, name});
            if (mp::interrupted()) return;
            const std::chrono::duration<double> time = Clock::now() - begin;
            run.say(fmt::format("  task {} ended after {}", i,
                                text::duration(time.count())));
            ++ended;
        } catch (...) {
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
        }
    };
    run.timed(name, [&] { how(int(options.tasks), task); });
    run.outcome.so_far =
        fmt::format("{} of {} ended in the stage {}", ended,
                    text::counted(options.tasks, "task"), name);
    if (mp::interrupted()) throw mp::Interrupted();
    if (failure) std::rethrow_exception(failure);
}

void run(Run& run, const Options& options) {
    run.keep_trace(options.trace);
    run.outcome.result = Value::object({{"tasks", options.tasks},
                                        {"seconds", options.seconds},
                                        {"io", options.io}});
    const double loop = double(options.tasks) * options.seconds;
    run.say(fmt::format(
        "{} of {}: {} in a loop, then about {} with threads, {} in all.",
        text::counted(options.tasks, "task"), text::duration(options.seconds),
        text::duration(loop), text::duration(options.seconds),
        text::duration(loop + options.seconds)));
    const Waiting waiting = waiting_for(options.io, options.seconds);
    run.say("Here: " + waiting.what + ".");
    // Starting threads takes microseconds: better to learn now than after the
    // loop that the machine has too few.
    run_simultaneously(unsigned(options.tasks), [](unsigned) {});

    for (std::uint64_t i = 1; i <= options.tasks; ++i)
        run.outcome.lanes.push_back(
            {fmt::format("task {}", i), mp::this_process::pid(), {}});
    const auto began = Clock::now();
    run.say("\nIn a loop:");
    stage(run, "loop", options, waiting.task, in_a_loop, began);
    run.say("\nOne thread each:");
    stage(run, "threads", options, waiting.task, one_thread_each, began);
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
    run.outcome.next = "process-demo";
}

Plan plan() {
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

} // namespace

const Exercise threads_io = {
    .minutes = 10,
    .name = "threads-io",
    .summary = "threads speed up waiting: a loop, then a thread for each task",
    .about =
        "While one thread waits for a disk or a server, another goes on. sleep waits for a "
        "clock; disk writes real files, has the disk confirm them and reads them back; web "
        "gets pages over HTTP from a server that this program starts on 127.0.0.1.",
    .example = "threads-io --tasks 4 --seconds 0.5 --io web",
    .plan = plan,
};

} // namespace exercises
