#include "mpworkshop/sys/other_programs.hpp"

#include <fcntl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <string>

#include "mpworkshop/sys/affinity.hpp"
#include "mpworkshop/sys/descriptor.hpp"
#include "mpworkshop/sys/process_tree.hpp"

namespace mpworkshop::sys {
namespace {

constexpr double shortest_s = 0.2; // /proc/stat counts in steps of 10 ms for each CPU

double now_s() {
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

/// The kernel's own /proc/stat; empty if there is none, or if another file system such as lxcfs
/// hides it and shows one container.
std::string read_proc_stat() {
    constexpr long proc_file_system = 0x9fa0;
    const Descriptor file(::open("/proc/stat", O_RDONLY | O_CLOEXEC));
    struct statfs about = {};
    if (::fstatfs(file.number(), &about) != 0 || long(about.f_type) != proc_file_system) return "";
    std::string text;
    for (std::size_t size = 0;;) {
        text.resize(size + 65536);
        const ssize_t got = ::read(file.number(), text.data() + size, text.size() - size);
        if (got <= 0) return text.resize(size), text;
        size += std::size_t(got);
    }
}

std::uint64_t take_number(std::string_view& line) {
    line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
    std::uint64_t number = 0;
    const char* const end = std::from_chars(line.data(), line.data() + line.size(), number).ptr;
    line.remove_prefix(std::size_t(end - line.data()));
    return number;
}

/// "cpu3 7 1 ...", without the "cpu3": user nice system idle iowait irq softirq steal guest
/// guest_nice. User and nice already include the guests.
std::uint64_t busy_ticks(std::string_view line) {
    enum { user, nice, system, idle, iowait, irq, softirq, steal, fields };
    std::uint64_t busy = 0;
    for (int field = user; field < fields; ++field) {
        const std::uint64_t ticks = take_number(line);
        if (field != idle && field != iowait) busy += ticks;
    }
    return busy;
}

} // namespace

std::optional<OtherPrograms::MachineTicks> OtherPrograms::parse(std::string_view proc_stat,
                                                                const std::vector<unsigned>& cpus) {
    MachineTicks found;
    while (proc_stat.starts_with("cpu")) {
        std::string_view line = proc_stat.substr(0, proc_stat.find('\n'));
        proc_stat.remove_prefix(std::min(line.size() + 1, proc_stat.size()));
        line.remove_prefix(3);
        if (line.starts_with(' ')) continue; // the sum of all CPUs
        const auto cpu = static_cast<unsigned>(take_number(line));
        if (!cpus.empty() && std::ranges::find(cpus, cpu) == cpus.end()) continue;
        found.busy += busy_ticks(line);
        ++found.cpus;
    }
    if (found.busy == 0) return std::nullopt;
    return found;
}

std::optional<CpusUsed> OtherPrograms::between(const Reading& begin, const Reading& end) {
    const double wall_s = end.wall_s - begin.wall_s;
    if (wall_s < shortest_s || begin.cpus != end.cpus) return std::nullopt;
    const double own_s = end.own_s - begin.own_s;
    const double others_s = end.machine_s - begin.machine_s - own_s;
    // A machine that used less than we did does not count us, so it may not count others either.
    const double inexact_s = 0.1 * own_s + 0.05 * double(end.cpus);
    if (others_s < -inexact_s) return std::nullopt;
    return CpusUsed{std::clamp(others_s / wall_s, 0.0, double(end.cpus)), end.cpus};
}

OtherPrograms::OtherPrograms(OwnProcesses own)
    : root_(own == OwnProcesses::all_ranks ? ::getppid() : ::getpid()) {
    // Launchers bind each rank to different CPUs.
    if (own == OwnProcesses::this_program) cpus_ = usable_cpus();
    begin_ = read();
}

std::optional<CpusUsed> OtherPrograms::cpus_used() const {
    // Looking at every process without need would take as long as some short runs.
    if (!begin_ || now_s() - begin_->wall_s < shortest_s) return std::nullopt;
    const std::optional<Reading> now = read();
    return now ? between(*begin_, *now) : std::nullopt;
}

std::optional<OtherPrograms::Reading> OtherPrograms::read() const {
    const std::optional<MachineTicks> machine = parse(read_proc_stat(), cpus_);
    if (!machine) return std::nullopt;
    const std::optional<double> own_s = cpu_seconds_of_tree(root_);
    if (!own_s) return std::nullopt;
    return Reading{now_s(), double(machine->busy) / double(::sysconf(_SC_CLK_TCK)), *own_s,
                   machine->cpus};
}

} // namespace mpworkshop::sys
