#pragma once

#include <optional>
#include <string>

namespace mp::os {

/// Online CPUs of the machine.
unsigned online_cpus() noexcept;
/// CPUs in this process's affinity mask.
unsigned affinity_cpus() noexcept;

/// The tightest CPU quota, in CPUs, of this process's cgroup and its ancestors. `root` replaces "/"
/// in tests.
std::optional<double> cgroup_cpu_quota(const std::string& root = "");

/// Bytes that this process's cgroups still allow, the page cache counted as free; empty if there is
/// no limit.
std::optional<unsigned long long> cgroup_memory_left(const std::string& root = "");

/// Processes that this process's cgroups still allow; empty if there is no limit.
std::optional<unsigned long long> cgroup_processes_left(const std::string& root = "");

/// How many processes of this process's cgroup the kernel has killed because memory ran out; empty
/// if that is not counted.
std::optional<unsigned long long> cgroup_out_of_memory_kills(const std::string& root = "");

/// Pauses the CPU briefly while spinning.
inline void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

} // namespace mp::os
