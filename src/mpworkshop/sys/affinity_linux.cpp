#include "mpworkshop/sys/affinity.hpp"

#include <sched.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

namespace mpworkshop::sys {
namespace {

// On a machine with more than 1,024 CPUs the kernel's mask may be longer than cpu_set_t.
class Mask {
public:
    explicit Mask(std::size_t cpus)
        : words_(CPU_ALLOC_SIZE(cpus) / sizeof(unsigned long)), cpus_(cpus) {}

    cpu_set_t* set() { return reinterpret_cast<cpu_set_t*>(words_.data()); }
    std::size_t bytes() const { return words_.size() * sizeof(unsigned long); }
    std::size_t cpus() const { return cpus_; }

private:
    std::vector<unsigned long> words_;
    std::size_t cpus_;
};

int allow(const std::vector<unsigned>& cpus) {
    Mask mask(*std::ranges::max_element(cpus) + std::size_t{1});
    for (const unsigned cpu : cpus) CPU_SET_S(cpu, mask.bytes(), mask.set());
    return ::sched_setaffinity(0, mask.bytes(), mask.set());
}

} // namespace

std::vector<unsigned> usable_cpus() {
    for (std::size_t size = 1024;; size *= 2) {
        Mask mask(size);
        if (::sched_getaffinity(0, mask.bytes(), mask.set()) == 0) {
            std::vector<unsigned> cpus;
            for (unsigned cpu = 0; cpu < mask.cpus(); ++cpu)
                if (CPU_ISSET_S(cpu, mask.bytes(), mask.set())) cpus.push_back(cpu);
            return cpus;
        }
        if (errno != EINVAL || size >= std::size_t{1} << 18)
            throw std::system_error(errno, std::generic_category(),
                                    "cannot learn which CPUs may be used");
    }
}

CpuAffinityGuard::CpuAffinityGuard(const std::vector<unsigned>& cpus) : before_(usable_cpus()) {
    if (allow(cpus) != 0)
        throw std::system_error(errno, std::generic_category(),
                                "cannot keep a thread on chosen CPUs");
}

CpuAffinityGuard::~CpuAffinityGuard() { allow(before_); }

} // namespace mpworkshop::sys
