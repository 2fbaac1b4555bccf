#pragma once

#include <vector>

namespace mpworkshop::sys {

/// The numbers of the CPUs that the calling thread may run on, ascending; at least one.
/// Errors: std::system_error.
std::vector<unsigned> usable_cpus();

/// While this object exists, the calling thread and threads that it starts run only on these CPUs.
class CpuAffinityGuard {
public:
    /// `cpus`: some of usable_cpus(). Errors: std::system_error.
    explicit CpuAffinityGuard(const std::vector<unsigned>& cpus);
    /// Restores the CPUs on which the calling thread may run.
    ~CpuAffinityGuard();
    CpuAffinityGuard(const CpuAffinityGuard&) = delete;
    CpuAffinityGuard& operator=(const CpuAffinityGuard&) = delete;

private:
    std::vector<unsigned> before_;
};

} // namespace mpworkshop::sys
