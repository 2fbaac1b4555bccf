#pragma once

#include <vector>

namespace mpworkshop::sys {

/// The numbers of the CPUs that the calling thread may run on, ascending; at least one.
/// Errors: std::system_error.
std::vector<unsigned> usable_cpus();

/// While it lives, the calling thread and those that it starts run on these CPUs only.
class CpuAffinityGuard {
public:
    /// `cpus`: some of usable_cpus(). Errors: std::system_error.
    explicit CpuAffinityGuard(const std::vector<unsigned>& cpus);
    /// The calling thread may run where it could before.
    ~CpuAffinityGuard();
    CpuAffinityGuard(const CpuAffinityGuard&) = delete;
    CpuAffinityGuard& operator=(const CpuAffinityGuard&) = delete;

private:
    std::vector<unsigned> before_;
};

} // namespace mpworkshop::sys
