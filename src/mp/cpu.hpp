#pragma once

#include <optional>

namespace mp {

/// Logical CPUs of the machine that are online; at least 1.
unsigned cpu_count();

/// CPUs that this process may run on by its affinity mask (taskset, a batch system); at least 1.
unsigned affinity_cpu_count();

/// CPU time that the cgroup grants, in CPUs: 1.5 means 150 ms of CPU time every 100 ms.
/// Empty where there is no quota. Reads cgroup v2 and v1, the tightest of all levels.
std::optional<double> cgroup_cpu_quota();

/// CPUs that Slurm allotted to this task (SLURM_CPUS_PER_TASK, set by --cpus-per-task); empty
/// elsewhere. Not every cluster binds tasks to them, so the mask may allow more.
std::optional<unsigned> slurm_cpus_per_task();

/// CPUs this process may use: the smallest of affinity, quota, rounded up, and what Slurm allotted;
/// at least 1.
/// This is how many workers a Pool starts by default.
unsigned process_cpu_count();

} // namespace mp
