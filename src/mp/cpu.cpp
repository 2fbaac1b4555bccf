#include "mp/cpu.hpp"

#include <algorithm>
#include <cmath>

#include "mp/os/cpu.hpp"

namespace mp {

unsigned cpu_count() { return os::online_cpus(); }

unsigned affinity_cpu_count() { return os::affinity_cpus(); }

std::optional<double> cgroup_cpu_quota() { return os::cgroup_cpu_quota(); }

unsigned process_cpu_count() {
    unsigned usable = affinity_cpu_count();
    if (auto quota = cgroup_cpu_quota())
        usable = std::min(usable, static_cast<unsigned>(std::ceil(*quota)));
    return std::max(1U, usable);
}

} // namespace mp
