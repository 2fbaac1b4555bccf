#pragma once

#include <optional>
#include <string>

namespace mp::os {

/// Online CPUs of the machine.
unsigned online_cpus() noexcept;
/// CPUs in this process's affinity mask.
unsigned affinity_cpus() noexcept;

/// The tightest CPU quota, in CPUs, of this process's cgroup and those above it. `root` stands for
/// "/", for tests.
std::optional<double> cgroup_cpu_quota(const std::string& root = "");

/// Bytes that this process's cgroups still grant; empty where there is no limit.
std::optional<unsigned long long> cgroup_memory_left(const std::string& root = "");

/// Processes that this process's cgroups still grant; empty where there is no limit.
std::optional<unsigned long long> cgroup_processes_left(const std::string& root = "");

/// How many processes of this process's cgroup the kernel has killed for want of memory; empty
/// where that is not counted.
std::optional<unsigned long long> cgroup_out_of_memory_kills(const std::string& root = "");

/// Lets the CPU breathe while spinning.
inline void relax() noexcept {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

} // namespace mp::os
