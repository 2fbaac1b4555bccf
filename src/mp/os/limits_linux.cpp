#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include <exception>
#include <fstream>
#include <string>

#include "mp/os/cpu.hpp"
#include "mp/os/limits.hpp"

namespace mp::os {

namespace {

void lower(Limit& limit, unsigned long long count, const char* name) {
    if (count < limit.count) limit = {count, name};
}

unsigned long long minus(unsigned long long a, unsigned long long b) { return a > b ? a - b : 0; }

// The kernel counts threads and processes alike.
Limit task_limit() {
    Limit limit{~0ULL, "nothing"};
    struct sysinfo machine {};
    ::sysinfo(&machine);
    unsigned long long value = 0;
    if (std::ifstream in("/proc/sys/kernel/pid_max"); in >> value)
        lower(limit, minus(value, machine.procs), "kernel.pid_max");
    if (std::ifstream in("/proc/sys/kernel/threads-max"); in >> value)
        lower(limit, minus(value, machine.procs), "kernel.threads-max");
    rlimit most{};
    // root is not bound by ulimit -u
    if (::geteuid() != 0 && ::getrlimit(RLIMIT_NPROC, &most) == 0 && most.rlim_cur != RLIM_INFINITY)
        lower(limit, most.rlim_cur, "ulimit -u");
    if (auto left = cgroup_processes_left()) lower(limit, *left, "the cgroup's pids.max");
    return limit;
}

unsigned long long mappings_in_use() {
    std::ifstream in("/proc/self/maps");
    unsigned long long lines = 0;
    for (std::string line; std::getline(in, line);) ++lines;
    return lines;
}

} // namespace

Limit process_limit() {
    Limit limit = task_limit();
    rlimit most{};
    // one descriptor per worker reports its end; a few are the program's own
    if (::getrlimit(RLIMIT_NOFILE, &most) == 0 && most.rlim_cur != RLIM_INFINITY)
        lower(limit, minus(most.rlim_cur, 16), "ulimit -n");
    return limit;
}

Limit thread_limit() {
    Limit limit = task_limit();
    unsigned long long value = 0;
    if (std::ifstream in("/proc/sys/vm/max_map_count"); in >> value)
        lower(limit, minus(value, mappings_in_use()) / 2, "vm.max_map_count");
    rlimit stack{}, space{};
    if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY &&
        ::getrlimit(RLIMIT_STACK, &stack) == 0 && stack.rlim_cur != RLIM_INFINITY &&
        stack.rlim_cur != 0)
        lower(limit, space.rlim_cur / stack.rlim_cur, "ulimit -v");
    return limit;
}

unsigned long long out_of_memory_kills() noexcept {
    try {
        if (const auto kills = cgroup_out_of_memory_kills()) return *kills;
        std::ifstream in("/proc/vmstat");
        std::string word;
        for (unsigned long long count = 0; in >> word >> count;)
            if (word == "oom_kill") return count;
    } catch (const std::exception&) { // then it is unknown
    }
    return 0;
}

Limit memory_limit() {
    Limit limit{~0ULL, "nothing"};
    std::ifstream in("/proc/meminfo");
    for (std::string word; in >> word;) {
        unsigned long long kilobytes = 0;
        if (word == "MemAvailable:" && in >> kilobytes) {
            lower(limit, kilobytes * 1024, "the machine's memory");
            break;
        }
    }
    if (auto left = cgroup_memory_left()) lower(limit, *left, "the cgroup's memory limit");
    return limit;
}

} // namespace mp::os
