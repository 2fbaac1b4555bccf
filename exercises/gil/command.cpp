#define MPWORKSHOP_LESSON
#include "exercises/gil/gil.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/rounds_for.hpp"
#include "mpworkshop/kit/run_simultaneously.hpp"
#include "mpworkshop/sys/signals.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t processes = 0; // 0: the CPUs, from two to four
    double seconds = 0.25;

    unsigned tasks() const {
        return processes == 0 ? std::clamp(mp::process_cpu_count(), 2U, 4U)
                              : unsigned(processes);
    }
};

// A task that computes for so long, and now and then asks for an interrupt.
Work computing_for(double seconds, void (*work)(long rounds)) {
    const double turns = std::ceil(seconds / 0.1);
    const long rounds = kit::rounds_for(seconds / turns, [](long number) {
        compute(number);
        return last_result.load();
    });
    return [=] {
        for (double i = 0; i < turns && !mp::interrupted(); ++i) work(rounds);
    };
}

void in_processes_that_end_well(int tasks, const Work& task) {
    for (mp::Process& process : in_processes(tasks, task))
        if (process.exitcode() != 0)
            throw std::runtime_error("a process failed; run it again");
}

std::string cell(const kit::Elapsed& elapsed) {
    return fmt::format("{:>8} {:5.2f} CPUs busy",
                       text::duration(elapsed.wall_s), elapsed.cpus_busy());
}

std::string moral(double locked_s, double processes_s, const Options& o) {
    if (o.tasks() == 1)
        return "One task alone never waits for the lock: give -p 2.";
    if (mp::process_cpu_count() == 1)
        return "With one CPU, computing takes as long in every way: the lock costs nothing here.";
    if (locked_s < 1.2 * processes_s)
        return "Processes gained next to nothing this time: are other programs busy? Run it again.";
    return fmt::format(
        "Computing: processes were {:.1f} times as fast as threads under the lock.",
        locked_s / processes_s);
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
    run.show(fmt::format("  {:<28}{:<24}{}", "", "computing", "waiting"));
    kit::run_simultaneously(tasks, [](unsigned) {}); // or an error

    struct Row {
        const char *name, *key;
        Way way;
        Work computing;
    };
    const Work waiting = [&] { (void)sys::sleep_for(o.seconds); };
    const Row rows[] = {
        {"threads, one lock", "threads_locked", in_threads,
         computing_for(o.seconds, compute_with_lock)},
        {"threads, no lock", "threads_free", in_threads,
         computing_for(o.seconds, compute)},
        {"processes, a lock each", "processes", in_processes_that_end_well,
         computing_for(o.seconds, compute_with_lock)},
    };
    Value& result = run.outcome.result;
    result = Value::object({{"tasks", tasks},
                            {"seconds", o.seconds},
                            {"usable", mp::process_cpu_count()}});
    std::vector<double> computing_s;
    for (const Row& row : rows) {
        const auto took = [&](const Work& task) {
            return kit::elapsed([&] { row.way(int(tasks), task); });
        };
        const kit::Elapsed computed = took(row.computing);
        const kit::Elapsed waited = took(waiting);
        run.show(fmt::format("  {:<23}{}  {}", row.name, cell(computed),
                             cell(waited)));
        computing_s.push_back(computed.wall_s);
        run.outcome.so_far = fmt::format("{} of 3 ways", computing_s.size());
        result.set(row.key, Value::object({{"computing", computed.value()},
                                           {"waiting", waited.value()}}));
    }
    run.say(
        "\nUnder the lock one thread computes at a time; a thread that waits holds no lock. So "
        "in Python threads are for waiting, processes for computing. C++ has no such lock.");
    run.outcome.meaning = moral(computing_s.front(), computing_s.back(), o);
}

} // namespace

Plan plan_gil() {
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

} // namespace exercises
