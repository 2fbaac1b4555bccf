#pragma once

#include <optional>

namespace mp {

/// Online logical CPUs of the machine; at least 1.
unsigned cpu_count();

/// CPUs in this process's affinity mask (set by taskset or a batch system); at least 1.
unsigned affinity_cpu_count();

/// CPU quota of the cgroup, in CPUs: 1.5 means 150 ms of CPU time every 100 ms. Empty if there is
/// no quota. Reads cgroup v2 and v1, and returns the tightest quota of all levels.
std::optional<double> cgroup_cpu_quota();

/// CPUs that Slurm allocated to this task (SLURM_CPUS_PER_TASK, set by --cpus-per-task); empty
/// outside Slurm. Not every cluster binds tasks to them, so the affinity mask may allow more.
std::optional<unsigned> slurm_cpus_per_task();

/// CPUs this process may use: the smallest of the affinity mask, the quota (rounded up), and
/// Slurm's allocation; at least 1. A Pool starts this many workers by default.
unsigned process_cpu_count();

} // namespace mp
