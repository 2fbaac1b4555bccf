#define MPWORKSHOP_LESSON
#include "exercises/gil/gil.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/gil_report.hpp"
#include "mpworkshop/kit/run_simultaneously.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t processes = 0; // 0: the CPUs, from two to four
    double seconds = 0.25;
    kit::PredictionChoice prediction = {
        .question = "Computing: how many times as fast as threads under one "
                    "lock are processes?"};

    unsigned tasks() const {
        return processes == 0 ? std::clamp(mp::process_cpu_count(), 2U, 4U)
                              : unsigned(processes);
    }
    std::vector<input::Option> options() {
        return {input::count("-p,--processes",
                             "number of tasks, in threads or processes",
                             processes, {.most = 1000, .such_as = "4"},
                             {[this] { return std::uint64_t{tasks()}; },
                              "your CPUs, 2 to 4"}),
                input::number("--seconds", "how long each task takes alone",
                              seconds, 0.001, 3600, "0.5")};
    }
};

void in_processes_that_end_well(int tasks, const Work& task) {
    for (mp::Process& process : in_processes(tasks, task))
        if (process.exitcode() != 0)
            throw std::runtime_error("a process failed; run it again");
}

void run(Run& run, const Options& o) {
    kit::GilReport report(run, o.tasks(), o.seconds);
    kit::run_simultaneously(o.tasks(), [](unsigned) {}); // or throws
    report.run({{{{"threads, one lock", "threads_locked"},
                  in_threads,
                  compute_with_lock},
                 {{"threads, no lock", "threads_free"}, in_threads, compute},
                 {{"processes, a lock each", "processes"},
                  in_processes_that_end_well,
                  compute_with_lock}}});
    report.finish();
}

} // namespace

Plan plan_gil() { return planned(run); }

} // namespace exercises
