#include "mp/os/cpu_times.hpp"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <charconv>
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

// Writes `text` or `number` at `to`; returns the end.
char* put(char* to, const char* text) noexcept {
    while (*text != '\0') *to++ = *text++;
    return to;
}
char* put(char* to, pid_t number) noexcept { return std::to_chars(to, to + 12, number).ptr; }

// The second number of schedstat: CPU time, time ready, time slices. A kernel without these
// statistics writes 0 0 0. Without printf and strtoll: each worker calls this as it starts and as
// it ends, and would have a page fault for each page of their code and tables.
std::optional<std::int64_t> ready_ns(pid_t pid, pid_t thread) noexcept {
    char text[96];
    char* end =
        thread != 0 ? put(put(text, "/proc/self/task/"), thread) : put(put(text, "/proc/"), pid);
    *put(end, "/schedstat") = '\0';
    const int file = ::open(text, O_RDONLY | O_CLOEXEC);
    if (file < 0) return std::nullopt;
    const ssize_t size = ::read(file, text, sizeof text);
    ::close(file);
    if (size <= 0) return std::nullopt;
    std::int64_t numbers[3] = {};
    const char* next = text;
    for (std::int64_t& number : numbers) {
        while (next < text + size && *next == ' ') ++next;
        next = std::from_chars(next, text + size, number).ptr;
    }
    const auto [cpu, ready, slices] = numbers;
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
