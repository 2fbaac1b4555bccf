#include "mpworkshop/kit/exercise.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/output_file.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/sys/usage.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop {

void Run::say(std::string_view words) const {
    if (!quiet()) show(words);
}

void Run::show(std::string_view lines) const {
    fmt::print("{}", text::fitted(lines, sys::text_width(sys::output_terminal())));
    sys::check_output();
}

void Run::draw(const std::vector<GanttLane>& lanes) {
    outcome.drawn = lanes;
    if (quiet()) return;
    const sys::Terminal terminal = sys::output_terminal();
    fmt::print("{}", gantt(lanes, {.width = std::clamp(terminal.width - 1, 39U, 79U),
                                   .utf8 = terminal.utf8}));
}

void Run::keep_trace(const input::TraceChoice& choice) {
    if (!choice.file.empty()) sys::expect_writable(choice.file);
    outcome.trace = choice;
}

Timing Run::timing(std::string_view name) const {
    const auto found = std::ranges::find(outcome.timings, name, &Timing::name);
    return found == outcome.timings.end() ? Timing{} : *found;
}

void Run::count_cpu_of(const std::vector<mp::WorkerStats>& workers) {
    workers_.clear();
    // The time of workers that are threads of this process is already included.
    for (const mp::WorkerStats& worker : workers)
        if (worker.pid != mp::this_process::pid() && worker.rank < 0)
            workers_.push_back(worker.pid);
}

double Run::cpu_seconds() const {
    double seconds = sys::cpu_seconds();
    for (const pid_t worker : workers_) seconds += sys::cpu_seconds_of(worker);
    for (const mp::WorkerStats& worker : outcome.workers)
        if (worker.rank >= 0) seconds += worker.cpu_seconds.value_or(worker.busy_seconds);
    return seconds;
}

Run::Lap::Lap(Run& run, std::string name) : run_(run), index_(run.outcome.timings.size()) {
    run.outcome.timings.push_back({.name = std::move(name)});
    cpu_ = run.cpu_seconds();
    wall_ = std::chrono::steady_clock::now();
}

Run::Lap::~Lap() {
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - wall_;
    Timing& timing = run_.outcome.timings[index_];
    timing.wall_s = wall.count();
    timing.cpu_s = std::max(0.0, run_.cpu_seconds() - cpu_);
}

} // namespace mpworkshop
