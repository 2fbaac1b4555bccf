#include "mpworkshop/kit/waiting_report.hpp"

#include <fmt/format.h>

#include <exception>
#include <mutex>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {

WaitingReport::WaitingReport(Run& run, std::uint64_t tasks, double seconds, const Way& way)
    : run_(run), tasks_(tasks), way_(way) {
    const double loop = double(tasks) * seconds;
    const std::string what = fmt::format("{} of {}{}", text::counted(tasks, "task"),
                                         text::duration(seconds), way.language());
    if (way.only.empty())
        run.say(fmt::format("{}: {} in a loop, then about {} with threads, {} in all.", what,
                            text::duration(loop), text::duration(seconds),
                            text::duration(loop + seconds)));
    else
        run.say(
            fmt::format("{}: about {}.", what, text::duration(way.goes("loop") ? loop : seconds)));
}

void WaitingReport::stage(const char* name, const char* words, const Ways& way, const Task& wait) {
    if (!way_.goes(name)) return;
    std::vector<TraceLane>& lanes = run_.outcome.lanes;
    if (lanes.empty())
        for (std::uint64_t i = 1; i <= tasks_; ++i)
            lanes.push_back({fmt::format("task {}", i), mp::this_process::pid(), {}});
    run_.say(fmt::format("\n{}:", words));

    std::mutex mutex;
    std::exception_ptr failure; // no exception may leave a thread
    std::uint64_t ended = 0;
    const double stage_began = since_begin();
    const auto task = [&](int number) {
        try {
            const double began = since_begin();
            if (!mp::interrupted()) wait(number);
            const std::lock_guard lock(mutex);
            const double now = since_begin();
            lanes[std::size_t(number) - 1].bars.push_back({TraceBar::Kind::wait, began, now, name});
            if (mp::interrupted()) return;
            run_.say(
                fmt::format("  task {} ended after {}", number, text::duration(now - stage_began)));
            ++ended;
        } catch (...) {
            const std::lock_guard lock(mutex);
            failure = std::current_exception();
        }
    };
    run_.timed(name, [&] { way(int(tasks_), task); });
    run_.outcome.so_far = fmt::format("{} of {} finished in the stage {}", ended,
                                      text::counted(tasks_, "task"), name);
    if (mp::interrupted()) throw mp::Interrupted();
    if (failure) std::rethrow_exception(failure);
}

void WaitingReport::finish() const {
    if (!way_.only.empty()) return;
    const Timing one = run_.timing("loop");
    run_.outcome.meaning = fmt::format(
        "Threads: {:.1f} times as fast{}.", one.wall_s / run_.timing("threads").wall_s,
        one.cpu_s < one.wall_s / 2 ? ", while the CPUs were mostly idle"
                                   : "; but the CPUs were busy: is TMPDIR in memory? Set it to a "
                                     "folder on a disk");
    if (run_.outcome.prediction)
        run_.outcome.prediction->came_out(one.wall_s / run_.timing("threads").wall_s);
    if (run_.quiet()) run_.show(run_.outcome.meaning);
}

double WaitingReport::since_begin() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
}

} // namespace mpworkshop::kit
