// The resources of a pool that does little: memory, and CPU time when it is idle.

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mp/mp.hpp>
#include <ranges>
#include <sstream>
#include <string>
#include <thread>
#include <unistd.h>

#include "bench/floors.hpp"
#include "bench/workload.hpp"

namespace bench {
namespace {

std::string contents(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

std::string of_process(pid_t pid, const char* what) {
    return contents("/proc/" + std::to_string(pid) + "/" + what);
}

/// A line of smaps_rollup, which counts exactly, unlike status: `name`, and its kB.
double kib(pid_t pid, const std::string& name) {
    std::istringstream lines(of_process(pid, "smaps_rollup"));
    for (std::string line; std::getline(lines, line);)
        if (line.starts_with(name + ":")) return std::stod(line.substr(name.size() + 1));
    throw std::runtime_error("/proc does not tell " + name);
}

/// The fields of /proc/PID/stat after the name, which may contain anything: [0] is the state.
std::vector<std::string> stat_of(pid_t pid) {
    const std::string text = of_process(pid, "stat");
    const std::size_t name_end = text.rfind(')');
    if (name_end == std::string::npos) return {}; // it has ended
    std::istringstream words(text.substr(name_end + 1));
    return {std::istream_iterator<std::string>(words), {}};
}

/// `pid` and all its descendants.
std::vector<pid_t> family_of(pid_t pid) {
    std::vector<std::pair<pid_t, pid_t>> parents; // parent, child
    for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
        const std::string name = entry.path().filename();
        pid_t each = 0;
        if (std::from_chars(name.data(), name.data() + name.size(), each).ec != std::errc{})
            continue;
        if (const auto words = stat_of(each); words.size() > 1)
            parents.emplace_back(std::stoi(words[1]), each);
    }
    std::vector<pid_t> family = {pid};
    for (std::size_t i = 0; i < family.size(); ++i)
        for (const auto& [parent, child] : parents)
            if (parent == family[i]) family.push_back(child);
    return family;
}

/// CPU time, in the clock ticks that /proc counts.
double ticks(const std::vector<pid_t>& family) {
    double sum = 0;
    for (const pid_t pid : family) {
        const auto words = stat_of(pid);
        check(words.size() > 12, "a process of the pool has ended");
        sum += std::stod(words[11]) + std::stod(words[12]);
    }
    return sum;
}

void do_a_map(mp::Pool& pool) {
    const std::vector<double> in(1'000'000, 50.0);
    const std::vector<double> out = pool.map(to_celsius, in);
    check(out.size() == in.size() && std::abs(out.back() - 10) < 1e-9, "map gave a wrong result");
}

std::vector<Side> private_memory(const Settings& settings) {
    const auto workers = unsigned(settings.workers);
    return {{"mp",
             [=] {
                 mp::Pool pool(workers);
                 do_a_map(pool);
                 double most = 0;
                 for (const mp::WorkerStats& worker : pool.stats())
                     most = std::max(most, kib(worker.pid, "Private_Dirty"));
                 return most;
             },
             {.value = 1024}}};
}

std::vector<Side> idle(const Settings& settings) {
    const auto pool = std::make_shared<mp::Pool>(unsigned(settings.workers));
    return {{"mp",
             [=, wait = settings.idle_seconds] {
                 do_a_map(*pool);
                 std::this_thread::sleep_for(std::chrono::milliseconds(100));
                 const auto family = family_of(::getpid());
                 check(family.size() > pool->processes(), "/proc does not show the workers");
                 const double before = ticks(family);
                 std::this_thread::sleep_for(std::chrono::seconds(wait));
                 return ticks(family) - before;
             },
             {.value = 0}}};
}

std::vector<double> resident(const std::vector<pid_t>& family) {
    std::vector<double> sizes;
    sizes.reserve(family.size());
    for (const pid_t pid : family) sizes.push_back(kib(pid, "Rss"));
    return sizes;
}

std::vector<Side> lazy(const Settings& settings) {
    const auto pool = std::make_shared<mp::Pool>(unsigned(settings.workers));
    return {{"mp",
             [=, items = settings.imap_items] {
                 constexpr std::uint64_t first = 1'000'000;
                 const auto family = family_of(::getpid());
                 std::vector<double> early;
                 std::uint64_t seen = 0, sum = 0;
                 for (const std::uint64_t number :
                      pool->imap([](std::uint64_t i) { return i + 1; },
                                 std::views::iota(std::uint64_t{0}, items), {.chunksize = 100})) {
                     sum += number;
                     if (++seen == first) early = resident(family);
                 }
                 check(seen == items && sum == items * (items + 1) / 2, "the results are wrong");
                 const auto late = resident(family);
                 double growth = 0;
                 for (std::size_t i = 0; i < early.size(); ++i)
                     growth = std::max(growth, late[i] - early[i]);
                 return growth;
             },
             {.value = 1023}}};
}

} // namespace

std::vector<Workload> memory() {
    return {
        {"worker-memory", "private memory that a worker has written to, after a map", "KiB",
         Better::lower, Rounds::cold, private_memory},
        {"idle-pool", "CPU time of a pool without work, all its processes", "ticks", Better::lower,
         Rounds::one, idle},
        {"imap-memory", "growth of parent or worker from item 1,000,000 of an imap to its end",
         "KiB", Better::lower, Rounds::one, lazy},
    };
}

} // namespace bench
