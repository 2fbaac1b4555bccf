#include "mpworkshop/report/timings.hpp"

#include <fmt/format.h>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::report {
namespace {

/// On a narrow screen in two lines.
std::string row(const Timing& timing, std::size_t width) {
    std::string row = fmt::format("{:<8}{:>9} wall{:>10} CPU", timing.name,
                                  text::duration(timing.wall_s), text::duration(timing.cpu_s));
    // A millisecond is less than the clock of CPU time can tell apart on some systems.
    if (timing.wall_s >= 1e-3)
        row += fmt::format("{}{:>8.2f} CPUs busy", width < 55 ? "\n" : "",
                           timing.cpu_s / timing.wall_s);
    return row + "\n";
}

/// What a lesson is not about has a row where it takes 2 % of the time; a document has it always.
bool has_row(const Timing& timing, const Timing& total) {
    const bool around_the_lesson = timing.name == "input" || timing.name == "print";
    return !around_the_lesson || timing.wall_s >= 0.02 * total.wall_s;
}

std::string worker_exits(const std::vector<mp::WorkerStats>& workers) {
    std::size_t worker_exits = 0;
    for (const mp::WorkerStats& worker : workers) worker_exits += worker.restarts;
    if (worker_exits == 0) return "";
    return (worker_exits == 1
                ? std::string("A worker died and was replaced; what it")
                : fmt::format("{} workers died and were replaced; what they", worker_exits)) +
           " had not finished was run again.\n";
}

std::string other_programs(const std::optional<sys::CpusUsed>& others, std::size_t width) {
    if (!others || !others->is_noticeable()) return "";
    const std::string all = others->of == 1 ? "one CPU" : text::counted(others->of, "CPU");
    return text::paragraph(
        fmt::format("Other programs used {:.1f} of the {} meanwhile.", others->used, all), width);
}

} // namespace

std::string timings(const Outcome& outcome, std::string_view next_command, std::size_t width) {
    std::string lines = "\n";
    lines += worker_exits(outcome.workers);
    for (const Timing& timing : outcome.timings)
        if (has_row(timing, outcome.timings.back())) lines += row(timing, width);
    lines += other_programs(outcome.others, width);
    const std::string next =
        next_command.empty() ? "" : text::command("Next: ", next_command, width);
    return lines + text::ending(outcome.meaning, next, width);
}

std::string interrupted(const Outcome& outcome) {
    return "interrupted" +
           (outcome.so_far.empty() ? std::string() : ", partial: " + outcome.so_far);
}

} // namespace mpworkshop::report
