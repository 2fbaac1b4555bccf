#define MPWORKSHOP_LESSON
#include "exercises/gil/gil.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/gil_report.hpp"
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

void run(Run& run, const Options& o) {
    const unsigned tasks = o.tasks();
    kit::GilReport report(run, tasks, o.seconds);
    kit::run_simultaneously(tasks, [](unsigned) {}); // or an error
    const auto took = [&](const Way& way, const Work& task) {
        return kit::elapsed([&] { way(int(tasks), task); });
    };
    const Work waiting = [&] { (void)sys::sleep_for(o.seconds); };
    const auto row = [&](const char* name, const char* key, const Way& way,
                         void (*work)(long rounds)) {
        const kit::Elapsed computing =
            took(way, computing_for(o.seconds, work));
        report.add(name, key, computing, took(way, waiting));
    };
    row("threads, one lock", "threads_locked", in_threads, compute_with_lock);
    row("threads, no lock", "threads_free", in_threads, compute);
    row("processes, a lock each", "processes", in_processes_that_end_well,
        compute_with_lock);
    report.finish();
}

} // namespace

Plan plan_gil() { return planned(run); }

} // namespace exercises
