#include "mpworkshop/report/workers.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "mpworkshop/report/diagnosis.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::report {
namespace {

constexpr std::size_t workers_shown = 16;
constexpr std::size_t table_width = 79;

std::string chunk(const mp::ChunkTime& chunk) {
    const std::string time = text::duration(chunk.seconds);
    if (chunk.items == 0) return time;
    if (chunk.items == 1) return fmt::format("{} (item {})", time, chunk.first);
    return fmt::format("{} (items {} to {})", time, chunk.first, chunk.first + chunk.items - 1);
}

std::string longest_chunks(const std::vector<mp::WorkerStats>& workers) {
    std::vector<mp::ChunkTime> all;
    for (const mp::WorkerStats& worker : workers)
        for (const mp::ChunkTime& each : worker.longest)
            if (each.seconds > 0) all.push_back(each);
    std::ranges::sort(all, std::greater{}, &mp::ChunkTime::seconds);
    if (all.size() > 5) all.resize(5);
    std::string list;
    for (const mp::ChunkTime& each : all) list += (list.empty() ? "" : ", ") + chunk(each);
    return list;
}

std::string or_zero(double seconds) { return seconds < 5e-7 ? "0" : text::duration(seconds); }

// The columns have the same width, so that the two tables look alike.
std::string head(bool by_the_kernel) {
    const std::string names =
        fmt::format("\n{:>6} {:>7} {:>11} {:>8}", "worker", "process", "items", "starting");
    if (!by_the_kernel) return names + fmt::format(" {:>9} {:>8}\n", "in tasks", "waiting");
    return names + fmt::format(" {:>9} {:>8} {:>8} {:>8} {:>6}\n", "computing", "ready", "blocked",
                               "waiting", "busy");
}

std::string row(const mp::WorkerStats& w, const std::optional<WorkerTimes>& times) {
    const std::string first =
        fmt::format("{:>6} {:>7} {:>11} {:>8}", w.index, w.pid, text::grouped(w.items),
                    text::duration(w.start_seconds + w.init_seconds));
    if (!times)
        return first + fmt::format(" {:>9} {:>8}\n", text::duration(w.busy_seconds),
                                   text::duration(w.wait_seconds));
    const double busy = times->wall() > 0 ? times->computing / times->wall() : 0;
    return first + fmt::format(" {:>9} {:>8} {:>8} {:>8} {:>4.0f} %\n",
                               text::duration(times->computing), or_zero(times->ready),
                               or_zero(times->blocked), or_zero(times->waiting), 100 * busy);
}

/// The same for a screen that is too narrow for the table.
std::string words_of(const mp::WorkerStats& w, const std::optional<WorkerTimes>& times) {
    const std::string first = fmt::format("Worker {}, process {}: {}, starting {}, ", w.index,
                                          w.pid, text::counted(w.items, "item"),
                                          text::duration(w.start_seconds + w.init_seconds));
    if (!times)
        return first + fmt::format("in tasks {}, waiting {}.", text::duration(w.busy_seconds),
                                   text::duration(w.wait_seconds));
    const double busy = times->wall() > 0 ? times->computing / times->wall() : 0;
    return first + fmt::format("computing {}, ready {}, blocked {}, waiting {}, busy {:.0f} %.",
                               text::duration(times->computing), or_zero(times->ready),
                               or_zero(times->blocked), or_zero(times->waiting), 100 * busy);
}

std::string table(const std::vector<mp::WorkerStats>& all, std::size_t width) {
    const bool by_the_kernel = are_known(all), is_wide = width >= table_width;
    std::string lines = is_wide ? head(by_the_kernel) : "\n";
    for (std::size_t i = 0; i < std::min(all.size(), workers_shown); ++i) {
        const auto times = by_the_kernel ? times_of(all[i]) : std::nullopt;
        lines += is_wide ? row(all[i], times) : text::paragraph(words_of(all[i], times), width);
    }
    if (all.size() > workers_shown)
        lines += fmt::format("and {} more\n", all.size() - workers_shown);
    if (by_the_kernel)
        lines += text::paragraph(
            "ready: waiting for a CPU; blocked: waiting within a task; waiting: for work", width);
    return lines;
}

} // namespace

std::string workers(const Outcome& outcome, unsigned usable_cpus, std::size_t width) {
    const auto& all = outcome.workers;
    if (all.empty()) return "";
    std::string lines = table(all, width);
    const auto add = [&](const std::string& words) { lines += text::paragraph(words, width); };
    if (const std::string longest = longest_chunks(all); !longest.empty())
        add("Longest chunks: " + longest + ".");
    add("Diagnosis: " + diagnosis(outcome, usable_cpus));
    return lines;
}

} // namespace mpworkshop::report
