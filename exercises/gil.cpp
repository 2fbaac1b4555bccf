// gil: one lock for the whole interpreter, as in Python.
//
// Some tasks compute, then some tasks wait: in threads that need one global
// lock to execute, in threads without such a lock, and in processes, where
// each has a lock of its own. You will see that threads under the lock compute
// one at a time and wait all at once; and that processes do both at once.
//
// In Python: threading.Thread(target=task), and
// multiprocessing.Process(target=task).

#include <mp/mp.hpp>

#include <functional>
#include <mutex>
#include <stdexcept>
#include <vector>

#include "exercises/busy.hpp"
#include "exercises/run_simultaneously.hpp"

namespace {

// Who holds it may execute; a process that starts gets its own.
std::mutex interpreter;

struct NoLock { // what C++ has instead: nothing
    void lock() {}
    void unlock() {}
};

struct Task {
    std::uint64_t slices; // of computing
    std::uint64_t rounds; // in one piece: about 5 ms, as Python has it
    double seconds;       // of waiting
    bool (*sleep_for)(double);
};

// Holds the lock while it computes; after each piece another thread may take
// it.
template <class Lock> void compute(const Task& task, Lock& lock) {
    for (std::uint64_t i = 0; i < task.slices && !mp::interrupted(); ++i) {
        const std::lock_guard held(lock);
        [[maybe_unused]] const volatile double number =
            exercises::compute(task.rounds);
    }
}

// Gives the lock back before it waits, and takes it again to go on.
template <class Lock> void wait(const Task& task, Lock& lock) {
    std::unique_lock held(lock);
    held.unlock();
    task.sleep_for(task.seconds);
    held.lock();
}

void in_threads(unsigned tasks, const std::function<void()>& task) {
    exercises::run_simultaneously(tasks, [&](unsigned) { task(); });
}

void in_processes(unsigned tasks, const std::function<void()>& task) {
    std::vector<mp::Process> processes;
    for (unsigned i = 0; i < tasks; ++i)
        processes.emplace_back([&task] { task(); }).start();
    for (mp::Process& process : processes) process.join();
    for (mp::Process& process : processes)
        if (process.exitcode() != 0)
            throw std::runtime_error("a process failed; run it again");
}

} // namespace

// ---- Options, and the lines on the screen.

#include "exercises/elapsed.hpp"
#include "exercises/lesson.hpp"
#include "mpworkshop/sys/signals.hpp"

namespace exercises {
namespace {

struct Options {
    // 0: as many as CPUs may be used, from two to four.
    std::uint64_t processes = 0;
    double seconds = 0.25;

    unsigned tasks() const {
        return processes == 0 ? std::clamp(mp::process_cpu_count(), 2U, 4U)
                              : unsigned(processes);
    }
};

// One row of the table: the same tasks computing, and waiting.
struct Row {
    const char* name;
    const char* key;
    std::function<void()> computing, waiting;
};

std::string cell(const Elapsed& elapsed) {
    return fmt::format("{:>8} {:5.2f} CPUs busy",
                       text::duration(elapsed.wall_s), elapsed.cpus_busy());
}

std::string moral(const Elapsed& locked, const Elapsed& processes,
                  const Options& o) {
    if (o.tasks() == 1)
        return "One task alone never waits for the lock: give -p 2.";
    if (mp::process_cpu_count() == 1)
        return "With one CPU, computing takes as long in every way: the lock costs nothing here.";
    const double faster = locked.wall_s / processes.wall_s;
    if (faster < 1.2)
        return "Processes gained next to nothing this time: are other programs busy? Run it again.";
    return fmt::format(
        "Computing: processes were {:.1f} times as fast as threads under the lock.",
        faster);
}

void run(Run& run, const Options& o) {
    const unsigned tasks = o.tasks();
    const double at_once = std::min(tasks, mp::process_cpu_count());
    run.say(fmt::format(
        "{} of {}: first they compute, then they wait. In a loop that takes {}; "
        "here it is done in three ways, about {} in all.\n",
        text::counted(tasks, "task"), text::duration(o.seconds),
        text::duration(tasks * o.seconds),
        text::duration(o.seconds * (tasks * (1 + 2 / at_once) + 3))));
    run.say(fmt::format("  {:<28}{:<24}{}", "", "computing", "waiting"));

    constexpr double slice_s = 0.005;
    const Task task = {
        .slices =
            std::max<std::uint64_t>(1, std::uint64_t(o.seconds / slice_s)),
        .rounds = rounds_for(std::min(slice_s, o.seconds)),
        .seconds = o.seconds,
        .sleep_for = sys::sleep_for,
    };
    NoLock none;
    const Row rows[] = {
        {"threads, one lock", "threads_locked",
         [&] { in_threads(tasks, [&] { compute(task, interpreter); }); },
         [&] { in_threads(tasks, [&] { wait(task, interpreter); }); }},
        {"threads, no lock", "threads_free",
         [&] { in_threads(tasks, [&] { compute(task, none); }); },
         [&] { in_threads(tasks, [&] { wait(task, none); }); }},
        {"processes, a lock each", "processes",
         [&] { in_processes(tasks, [&] { compute(task, interpreter); }); },
         [&] { in_processes(tasks, [&] { wait(task, interpreter); }); }},
    };
    Value& result = run.outcome.result;
    result = Value::object({{"tasks", tasks},
                            {"seconds", o.seconds},
                            {"usable", mp::process_cpu_count()}});
    std::vector<Elapsed> computing;
    for (const Row& row : rows) {
        computing.push_back(elapsed(row.computing));
        const Elapsed waiting = elapsed(row.waiting);
        run.say(fmt::format("  {:<23}{}  {}", row.name, cell(computing.back()),
                            cell(waiting)));
        run.outcome.so_far = fmt::format("{} of 3 ways", computing.size());
        result.set(row.key,
                   Value::object({{"computing", computing.back().value()},
                                  {"waiting", waiting.value()}}));
    }
    run.say(
        "\nUnder the lock one thread computes at a time; a thread that waits holds no lock. So "
        "in Python threads are for waiting, processes for computing. C++ has no such lock.");
    run.outcome.meaning = moral(computing.front(), computing.back(), o);
    run.outcome.next = "threads-io --seconds 0.5";
}

Plan plan() {
    auto o = std::make_shared<Options>();
    input::Option processes = input::count(
        "-p,--processes",
        "tasks at once, in threads or processes (default: your CPUs, 2 to 4)",
        o->processes, {.most = 1000, .such_as = "4"});
    processes.value = [o] { return Value(o->tasks()); };
    return {
        .options = {processes,
                    input::number(
                        "--seconds",
                        "how long each task takes alone (default: 0.25)",
                        o->seconds, 0.001, 3600, "0.5")},
        .run = [o](Run& each) { run(each, *o); },
    };
}

} // namespace

const Exercise gil = {
    .kind = mpworkshop::Kind::demonstration,
    .minutes = 5,
    .name = "gil",
    .summary = "one global lock: threads wait at once but compute in turns",
    .about =
        "The same tasks compute, then wait: in threads under one lock, as in Python, in "
        "threads without it, and in processes that have a lock each. The table shows the time "
        "and how many CPUs were busy.",
    .example = "gil --processes 4 --seconds 0.5",
    .plan = plan,
};

} // namespace exercises
