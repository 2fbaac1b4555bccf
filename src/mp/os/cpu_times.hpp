#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

namespace mp::os {

/// The kernel's CPU accounting of a thread or process since it began.
struct CpuTimes {
    std::int64_t cpu_ns = 0;              ///< computing
    std::optional<std::int64_t> ready_ns; ///< ready to compute while other threads had the CPUs;
                                          ///< empty where the kernel does not tell
};

/// The accounting of `thread` of this process, or if that is 0, of process `pid`: the CPU time of
/// all its threads, and how long its main thread was ready to run. A wait for a CPU counts once it
/// has ended. Empty for a process or thread that does not exist.
std::optional<CpuTimes> cpu_times(pid_t pid, pid_t thread) noexcept;

/// The kernel's id of the calling thread.
pid_t current_thread() noexcept;

} // namespace mp::os
