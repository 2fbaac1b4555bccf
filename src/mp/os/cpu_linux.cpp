#include "mp/os/cpu.hpp"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "mp/os/syscall.hpp"

namespace mp::os {

unsigned online_cpus() noexcept {
    return static_cast<unsigned>(std::max(1L, ::sysconf(_SC_NPROCESSORS_ONLN)));
}

unsigned affinity_cpus() noexcept {
    // On a machine with more than 1,024 CPUs the kernel's mask is longer than cpu_set_t.
    for (std::size_t cpus = 1024; cpus <= (std::size_t{1} << 18); cpus *= 2) {
        std::vector<unsigned long> mask(CPU_ALLOC_SIZE(cpus) / sizeof(unsigned long));
        auto* set = reinterpret_cast<cpu_set_t*>(mask.data());
        std::size_t bytes = mask.size() * sizeof(unsigned long);
        if (call(Call::sched_getaffinity, [&] { return ::sched_getaffinity(0, bytes, set); }) == 0)
            return static_cast<unsigned>(std::max(1, CPU_COUNT_S(bytes, set)));
        if (errno != EINVAL) break;
    }
    return online_cpus();
}

} // namespace mp::os
