#include "mp/os/cpu_times.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <ctime>

namespace mp::os {

namespace {

// The same clock ids as in the C library (clock_getcpuclockid), which would make a system call to
// check that the process exists.
clockid_t cpu_clock(pid_t pid, pid_t thread) noexcept {
    constexpr unsigned scheduler_clock = 2, of_one_thread = 4;
    const auto number = static_cast<unsigned>(thread != 0 ? thread : pid);
    const unsigned kind = thread != 0 ? scheduler_clock | of_one_thread : scheduler_clock;
    return static_cast<clockid_t>(~number << 3 | kind);
}

std::optional<std::int64_t> cpu_ns(pid_t pid, pid_t thread) noexcept {
    timespec used = {};
    if (::clock_gettime(cpu_clock(pid, thread), &used) != 0) return std::nullopt;
    return std::int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
}

// The second number of schedstat: CPU time, time ready, time slices. A kernel without these
// statistics writes 0 0 0.
std::optional<std::int64_t> ready_ns(pid_t pid, pid_t thread) noexcept {
    char text[96];
    if (thread != 0)
        std::snprintf(text, sizeof text, "/proc/self/task/%d/schedstat", int{thread});
    else
        std::snprintf(text, sizeof text, "/proc/%d/schedstat", int{pid});
    const int file = ::open(text, O_RDONLY | O_CLOEXEC);
    if (file < 0) return std::nullopt;
    const ssize_t size = ::read(file, text, sizeof text - 1);
    ::close(file);
    if (size <= 0) return std::nullopt;
    text[size] = '\0';
    char* next = text;
    const long long cpu = std::strtoll(next, &next, 10);
    const long long ready = std::strtoll(next, &next, 10);
    const long long slices = std::strtoll(next, &next, 10);
    if (cpu == 0 && slices == 0) return std::nullopt;
    return ready;
}

} // namespace

std::optional<CpuTimes> cpu_times(pid_t pid, pid_t thread) noexcept {
    const std::optional<std::int64_t> cpu = cpu_ns(pid, thread);
    if (!cpu) return std::nullopt;
    return CpuTimes{*cpu, ready_ns(pid, thread)};
}

pid_t current_thread() noexcept { return static_cast<pid_t>(::syscall(SYS_gettid)); }

} // namespace mp::os
