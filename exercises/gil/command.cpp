#define MPWORKSHOP_LESSON
#include "exercises/gil/gil.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/gil_report.hpp"
#include "mpworkshop/kit/rounds_for.hpp"
#include "mpworkshop/kit/run_simultaneously.hpp"
#include "mpworkshop/sys/other_programs.hpp"
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
    std::vector<input::Option> options() {
        return {input::count("-p,--processes",
                             "tasks at once, in threads or processes",
                             processes, {.most = 1000, .such_as = "4"},
                             {[this] { return std::uint64_t{tasks()}; },
                              "your CPUs, 2 to 4"}),
                input::number("--seconds", "how long each task takes alone",
                              seconds, 0.001, 3600, "0.5")};
    }
};

// A task that computes so many rounds, and now and then asks for an interrupt.
Work computing(long rounds, double turns, void (*work)(long rounds)) {
    return [=] {
        for (double i = 0; i < turns && !mp::interrupted(); ++i) work(rounds);
    };
}

void in_processes_that_end_well(int tasks, const Work& task) {
    for (mp::Process& process : in_processes(tasks, task))
        if (process.exitcode() != 0)
            throw std::runtime_error("a process failed; run it again");
}

void run(Run& run, const Options& o) {
    const unsigned tasks = o.tasks();
    kit::GilReport report(run, tasks, o.seconds);
    kit::run_simultaneously(tasks, [](unsigned) {}); // or an error
    const sys::OtherPrograms others;
    const double round_s = o.seconds / kit::GilReport::rounds;
    const double turns = std::ceil(round_s / 0.1);
    const long rounds = kit::rounds_for(round_s / turns, [](long number) {
        compute(number);
        return last_result.load();
    });
    const Work waiting = [=] { (void)sys::sleep_for(round_s); };
    const auto round_of = [&](kit::GilWay& row, const Way& way,
                              void (*work)(long rounds)) {
        const auto took = [&](const Work& task) {
            return kit::elapsed([&] { way(int(tasks), task); });
        };
        row.computing.push_back(took(computing(rounds, turns, work)));
        row.waiting.push_back(took(waiting));
    };
    kit::GilWay locked = {"threads, one lock", "threads_locked"},
                unlocked = {"threads, no lock", "threads_free"},
                processes = {"processes, a lock each", "processes"};
    for (int i = 0; i < kit::GilReport::rounds; ++i) {
        round_of(locked, in_threads, compute_with_lock);
        round_of(unlocked, in_threads, compute);
        round_of(processes, in_processes_that_end_well, compute_with_lock);
        run.outcome.so_far =
            fmt::format("{} of {} rounds", i + 1, kit::GilReport::rounds);
    }
    for (const kit::GilWay& each : {locked, unlocked, processes})
        report.add(each);
    report.finish({.tasks = tasks,
                   .usable = mp::process_cpu_count(),
                   .round_s = round_s,
                   .locked = locked,
                   .processes = processes,
                   .others = others.cpus_used()});
}

} // namespace

Plan plan_gil() { return planned(run); }

} // namespace exercises
