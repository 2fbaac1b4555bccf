#include "mpworkshop/report/timings.hpp"

#include <fmt/format.h>

#include "mpworkshop/text.hpp"

namespace mpworkshop::report {
namespace {

constexpr std::size_t width = 79;

std::string row(const Timing& timing) {
    std::string row = fmt::format("{:<8}{:>9} wall{:>10} CPU", timing.name,
                                  text::duration(timing.wall_s), text::duration(timing.cpu_s));
    // A millisecond is less than the clock of CPU time can tell apart on some systems.
    if (timing.wall_s >= 1e-3)
        row += fmt::format("{:>8.2f} CPUs busy", timing.cpu_s / timing.wall_s);
    return row + "\n";
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

} // namespace

std::string timings(const Outcome& outcome) {
    std::string lines = "\n";
    lines += worker_exits(outcome.workers);
    for (const Timing& timing : outcome.timings) lines += row(timing);
    // A command is never broken: it is there to be copied.
    const std::string next = outcome.next.empty() ? "" : "Next: mpworkshop " + outcome.next;
    const bool on_one_line = outcome.meaning.size() + 1 + next.size() <= width;
    if (on_one_line && !outcome.meaning.empty() && !next.empty())
        return lines + outcome.meaning + " " + next + "\n";
    for (const std::string& line : text::wrapped(outcome.meaning, width)) lines += line + "\n";
    return next.empty() ? lines : lines + next + "\n";
}

std::string interrupted(const Outcome& outcome) {
    return "interrupted" +
           (outcome.so_far.empty() ? std::string() : ", partial: " + outcome.so_far);
}

} // namespace mpworkshop::report
