#include "mp/cpu.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>

#include "mp/os/cpu.hpp"

namespace mp {

unsigned cpu_count() { return os::online_cpus(); }

unsigned affinity_cpu_count() { return os::affinity_cpus(); }

std::optional<double> cgroup_cpu_quota() { return os::cgroup_cpu_quota(); }

std::optional<unsigned> slurm_cpus_per_task() {
    const char* text = std::getenv("SLURM_CPUS_PER_TASK");
    if (text == nullptr) return std::nullopt;
    unsigned cpus = 0;
    const char* end = text + std::strlen(text);
    const auto [stop, error] = std::from_chars(text, end, cpus);
    if (error != std::errc() || stop != end || cpus == 0) return std::nullopt;
    return cpus;
}

unsigned process_cpu_count() {
    unsigned usable = affinity_cpu_count();
    if (auto quota = cgroup_cpu_quota())
        usable = std::min(usable, static_cast<unsigned>(std::ceil(*quota)));
    if (auto cpus = slurm_cpus_per_task()) usable = std::min(usable, *cpus);
    return std::max(1U, usable);
}

} // namespace mp
