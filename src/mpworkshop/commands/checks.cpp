#include "mpworkshop/commands/checks.hpp"

#include <fmt/format.h>
#include <mp/mp.hpp>

#include <algorithm>

#include "mpworkshop/sys/loopback_server.hpp"
#include "mpworkshop/sys/machine.hpp"
#include "mpworkshop/sys/progress_file.hpp"
#include "mpworkshop/sys/search_path.hpp"
#include "mpworkshop/sys/temporary_file.hpp"
#include "mpworkshop/sys/version.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::commands {
namespace {

/// The result of `look`; an exception is a problem.
template <class F> Check tried(const char* name, const char* fix, F look) {
    try {
        return {.name = name, .finding = look()};
    } catch (const mp::Interrupted&) {
        throw;
    } catch (const std::exception& error) {
        return {name, Verdict::problem, error.what(), fix};
    }
}

/// In a child: checks that map and starmap work in a pool of two workers. Problems are written to
/// `why`.
void map_something(std::span<char> why) {
    try {
        mp::Pool pool({.processes = 2});
        const std::vector<int> numbers = {1, 2, 3, 4};
        if (pool.map([](int i) { return i * i; }, numbers) != std::vector<int>{1, 4, 9, 16})
            throw std::runtime_error("a map of two processes gave wrong results");
    } catch (const std::exception& error) {
        const std::string_view what = error.what();
        std::copy_n(what.begin(), std::min(what.size(), why.size() - 1), why.begin());
    }
}

std::string two_processes() {
    const mp::SharedArray<char> why(500);
    mp::Process child(map_something, why.span());
    child.start();
    if (!child.join(std::chrono::seconds(10)))
        throw std::runtime_error("a map by two processes did not end within 10 s");
    if (why.span()[0] != '\0') throw std::runtime_error(why.span().data());
    if (child.exitcode() != 0)
        throw std::runtime_error(
            fmt::format("a process ended with exit code {}", child.exitcode().value_or(-1)));
    return "a pool of two workers ran a map";
}

std::string shared_memory() {
    const mp::SharedArray<double> numbers(1 << 17);
    for (double& number : numbers.span()) number = 1;
    return "1 MiB can be had";
}

std::string temporary_file() {
    static constexpr std::string_view text = "mpworkshop";
    sys::TemporaryFile file;
    file.write_at(0, text);
    std::string back(text.size(), ' ');
    file.read_at(0, back);
    if (back != text) throw std::runtime_error("a file returned different data than was written");
    return "a file can be written and read";
}

std::string page_over_loopback() {
    const sys::LoopbackServer server(0);
    server.get("/doctor");
    return "a page came over HTTP from 127.0.0.1";
}

} // namespace

Check check_cpus(const Cpus& cpus) {
    const std::string finding = fmt::format("{} usable", text::counted(cpus.usable, "CPU"));
    if (cpus.usable > 1) return {.name = "CPUs", .finding = finding};
    return {"CPUs", Verdict::note,
            finding + ": workers take turns, and comparisons will show no speedup",
            "ask for two or more: another machine, or more CPUs from the batch system"};
}

Check check_limits(const Cpus& cpus) {
    const bool quota = cpus.quota && *cpus.quota < cpus.affinity;
    if (!cpus.missing.empty())
        return {"limits", Verdict::note,
                fmt::format("unknown, as {} cannot be read: a container may grant less than the {}",
                            cpus.missing, text::counted(cpus.usable, "usable CPU")),
                "mount what is missing, or give --processes yourself"};
    if (!quota && cpus.affinity >= cpus.online)
        return {.name = "limits", .finding = "none: the whole machine is yours"};
    const std::string lent =
        quota ? fmt::format("a container or batch system grants the time of {:g} of {} CPUs",
                            *cpus.quota, cpus.online)
              : fmt::format("taskset or a batch system allows {} of {} CPUs", cpus.affinity,
                            cpus.online);
    return {
        "limits", Verdict::note, lent,
        fmt::format("start {}, as a pool does by default", text::counted(cpus.usable, "worker"))};
}

Check check_load(std::optional<double> load, unsigned usable) {
    if (!load) return {.name = "load", .finding = "unknown on this system"};
    const std::string finding = fmt::format("{:.1f} processes busy over the last minute", *load);
    if (*load <= usable) return {.name = "load", .finding = finding};
    return {"load", Verdict::note,
            fmt::format("{}, more than the {}: timings will be noisy", finding,
                        text::counted(usable, "usable CPU")),
            "wait until the machine is idle, or use compare, which measures several times"};
}

Check check_build(std::string_view type) {
    if (type == "Release" || type == "RelWithDebInfo" || type == "MinSizeRel")
        return {.name = "build", .finding = std::string(type)};
    return {"build", Verdict::note,
            fmt::format("{}: slower than it could be, so timings tell little",
                        type.empty() ? "of no type" : type),
            "use the program that ./run builds, or cmake --preset release"};
}

Check check_terminal(const sys::Terminal& terminal) {
    const std::string finding =
        fmt::format("{} columns, {}", terminal.width, terminal.utf8 ? "UTF-8" : "ASCII");
    if (terminal.width < 80)
        return {"terminal", Verdict::note, finding + ": tables are made for 80 columns",
                "make the window wider"};
    if (!terminal.utf8)
        return {"terminal", Verdict::note, finding + ": charts use plain characters",
                "LANG=C.UTF-8, if your terminal shows UTF-8"};
    return {.name = "terminal", .finding = finding};
}

Check check_processes() {
    return tried("processes",
                 "raise the limit of processes (ulimit -u) or of memory; "
                 "mpworkshop map -p 2 -v shows each step",
                 two_processes);
}

Check check_shared_memory() {
    return tried("shared memory", "free some memory, or raise its limit (ulimit -v)",
                 shared_memory);
}

Check check_temporary_folder() {
    return tried("temporary folder",
                 "TMPDIR=DIR with a folder that you can write; threads-io --io "
                 "disk needs it",
                 temporary_file);
}

Check check_loopback() {
    return tried("loopback", "let programs connect to 127.0.0.1; threads-io --io web needs it",
                 page_over_loopback);
}

Check check_program(std::string_view name, std::string_view purpose) {
    if (const std::string path = sys::find_program(name); !path.empty())
        return {.name = std::string(name), .finding = path};
    return {std::string(name), Verdict::note, fmt::format("not found; {} needs it", purpose),
            fmt::format("install {}, if you want that", name)};
}

Check check_progress() {
    const std::string path = sys::record_path();
    const std::string fix = "XDG_STATE_HOME=DIR with a folder that you can write; the exercises "
                            "run without it";
    if (path.empty())
        return {"record of runs", Verdict::note, "HOME is not set, so list and next forget", fix};
    if (const std::string why = sys::why_no_progress(path); !why.empty())
        return {"record of runs", Verdict::note, why + ", so list and next forget", fix};
    return {.name = "record of runs", .finding = path};
}

std::vector<Check> all_checks() {
    const Cpus cpus = {mp::cpu_count(), mp::affinity_cpu_count(), mp::cgroup_cpu_quota(),
                       mp::process_cpu_count(), sys::missing_kernel_folders()};
    return {check_cpus(cpus),
            check_limits(cpus),
            check_load(sys::load_average(), cpus.usable),
            check_build(build_type()),
            check_processes(), // before the server, whose threads it must not copy
            check_shared_memory(),
            check_temporary_folder(),
            check_loopback(),
            check_terminal(sys::output_terminal()),
            check_program("python3", "compare --python"),
            check_progress()};
}

} // namespace mpworkshop::commands
