#define MPWORKSHOP_LESSON
#include "exercises/threads_io/threads_io.cpp"

#include "exercises/command.hpp"
#include "mpworkshop/kit/run_simultaneously.hpp"
#include "mpworkshop/kit/waiting.hpp"
#include "mpworkshop/kit/waiting_report.hpp"

namespace exercises {
namespace {

struct Options {
    std::uint64_t tasks = 8;
    double seconds = 2;
    std::string io = "sleep";
    input::TraceChoice trace;
    kit::Way way;
    kit::PredictionChoice prediction = {
        .question = "How many times as fast as the loop are the threads?"};

    std::vector<input::Option> options() {
        return input::with_trace(
            kit::with_ways(
                {input::count("--tasks", "how many tasks", tasks,
                              {.most = 1000, .such_as = "8"}),
                 input::number("--seconds", "how long each waits", seconds,
                               0.001, 3600, "0.5"),
                 input::choice("--io", "what to wait for: sleep, disk or web",
                               io, {"sleep", "disk", "web"})},
                way, {"loop", "threads"}),
            trace);
    }
};

void in_python(Run& run, const Options& o) {
    kit::TwinRun twin = {.lesson = "threads_io", .only = o.way.only};
    twin.size = o.tasks;
    twin.seconds = o.seconds;
    kit::run_twin(run, twin);
}

void in_cpp(Run& run, const Options& o, kit::WaitingReport& report) {
    const kit::Waiting waiting = kit::waiting_for(o.io, o.seconds);
    run.say("Here: " + waiting.what + ".");
    // Starting threads takes microseconds, so check now, and not after the
    // loop, whether the machine has enough of them.
    kit::run_simultaneously(unsigned(o.tasks), [](unsigned) {});
    report.stage("loop", "In a loop", in_a_loop, waiting.task);
    report.stage("threads", "One thread each", one_thread_each, waiting.task);
    run.say(
        "\nPython keeps threads for such work: its global lock lets one compute at a time. C++ has "
        "no such lock: its threads compute at once too, and so do the pools of the next exercises "
        "with --backend threads. Processes add isolation: what crashes in one stays there.");
}

void run(Run& run, const Options& o) {
    run.keep_trace(o.trace);
    run.outcome.result = Value::object(
        {{"tasks", o.tasks}, {"seconds", o.seconds}, {"io", o.io}});
    kit::WaitingReport report(run, o.tasks, o.seconds, o.way);
    o.way.python ? in_python(run, o) : in_cpp(run, o, report);
    report.finish();
}

} // namespace

Plan plan_threads_io() { return planned(run); }

} // namespace exercises
