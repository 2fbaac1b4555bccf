#include "mpworkshop/report/timings.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::report {
namespace {

/// Whether the number of busy CPUs is known. Below a millisecond some systems' CPU clocks are too
/// coarse. The CPU time of a helper process counts when it has ended, which may be in a later stage
/// than the one in which it computed; the number could then exceed that of the CPUs.
bool knows_cpus_busy(const Timing& timing, const Outcome& outcome) {
    const bool elsewhere = std::ranges::any_of(
        outcome.workers, [](const mp::WorkerStats& worker) { return worker.rank >= 0; });
    return timing.wall_s >= 1e-3 &&
           (elsewhere || timing.cpu_s <= 1.01 * outcome.cpus * timing.wall_s);
}

/// On a narrow screen, in two lines.
std::string row(const Timing& timing, const Outcome& outcome, std::size_t width) {
    std::string row = fmt::format("{:<8}{:>9} wall{:>10} CPU", timing.name,
                                  text::duration(timing.wall_s), text::duration(timing.cpu_s));
    if (knows_cpus_busy(timing, outcome))
        row += fmt::format("{}{:>8.2f} CPUs busy", width < 55 ? "\n" : "",
                           timing.cpu_s / timing.wall_s);
    return row + "\n";
}

/// A stage that is not the subject of a lesson has a row if it takes 2 % of the time; a document
/// always has it.
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
        if (has_row(timing, outcome.timings.back())) lines += row(timing, outcome, width);
    lines += other_programs(outcome.others, width);
    const std::string next =
        next_command.empty() ? "" : text::command("Next: ", next_command, width);
    return lines + text::ending(outcome.meaning, next, width);
}

std::string interrupted(const Outcome& outcome) {
    return outcome.so_far.empty() ? "Interrupted." : "Interrupted: " + outcome.so_far + ".";
}

} // namespace mpworkshop::report
