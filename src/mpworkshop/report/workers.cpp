#include "mpworkshop/report/workers.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::report {
namespace {

constexpr std::size_t workers_shown = 16;

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

} // namespace

std::string diagnosis(const std::vector<mp::WorkerStats>& workers, unsigned usable_cpus) {
    double busy = 0, most = 0, begun = 0, longest = 0;
    for (const mp::WorkerStats& worker : workers) {
        busy += worker.busy_seconds;
        most = std::max(most, worker.busy_seconds);
        begun += worker.start_seconds + worker.init_seconds;
        longest = std::max(longest, worker.longest[0].seconds);
    }
    const double mean = busy / double(workers.size());
    if (busy < begun)
        return fmt::format("too little work: starting took {} of the workers' time, working {}; "
                           "give them more, or keep one pool for all of it.",
                           text::duration(begun), text::duration(busy));
    if (workers.size() > usable_cpus)
        return fmt::format("oversubscribed: {} workers take turns on {}; give --processes {}.",
                           workers.size(), text::counted(usable_cpus, "CPU"), usable_cpus);
    if (workers.size() > 1 && most > 1.25 * mean)
        return fmt::format("unbalanced chunks: one worker worked {}, the mean is {}, the longest "
                           "chunk took {}; a smaller --chunksize shares better.",
                           text::duration(most), text::duration(mean), text::duration(longest));
    return "nothing stands out: the workers were busy, and about equally long.";
}

std::string workers(const Outcome& outcome, unsigned usable_cpus) {
    const auto& all = outcome.workers;
    if (all.empty()) return "";
    std::string lines = fmt::format("\n{:>6} {:>8} {:>11} {:>9} {:>9} {:>9} {:>6}\n", "worker",
                                    "process", "items", "starting", "working", "waiting", "busy");
    for (std::size_t i = 0; i < std::min(all.size(), workers_shown); ++i) {
        const mp::WorkerStats& w = all[i];
        const double starting = w.start_seconds + w.init_seconds;
        const double ready = w.busy_seconds + w.wait_seconds;
        lines += fmt::format("{:>6} {:>8} {:>11} {:>9} {:>9} {:>9} {:>4.0f} %\n", w.index, w.pid,
                             text::grouped(w.items), text::duration(starting),
                             text::duration(w.busy_seconds), text::duration(w.wait_seconds),
                             ready > 0 ? 100 * w.busy_seconds / ready : 0);
    }
    if (all.size() > workers_shown)
        lines += fmt::format("and {} more\n", all.size() - workers_shown);
    const auto add = [&](const std::string& words) {
        for (const std::string& line : text::wrapped(words, 79)) lines += line + "\n";
    };
    if (const std::string longest = longest_chunks(all); !longest.empty())
        add("Longest chunks: " + longest + ".");
    add("Diagnosis: " + diagnosis(all, usable_cpus));
    return lines;
}

} // namespace mpworkshop::report
