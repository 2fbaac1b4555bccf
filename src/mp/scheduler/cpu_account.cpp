#include "mp/scheduler/cpu_account.hpp"

#include <algorithm>

namespace mp::detail {

void CpuAccount::Note::store(const std::optional<os::CpuTimes>& times) noexcept {
    if (!times) return known_.store(0);
    cpu_ns_.store(times->cpu_ns);
    ready_ns_.store(times->ready_ns.value_or(0));
    known_.store(times->ready_ns ? cpu | ready : cpu);
}

std::optional<os::CpuTimes> CpuAccount::Note::load() const noexcept {
    const std::uint32_t known = known_.load();
    if (known == 0) return std::nullopt;
    os::CpuTimes times{cpu_ns_.load(), std::nullopt};
    if ((known & ready) != 0) times.ready_ns = ready_ns_.load();
    return times;
}

std::optional<os::CpuTimes> CpuAccount::sum(const std::optional<os::CpuTimes>& now) const noexcept {
    if (lost_cpu_.load()) return std::nullopt;
    os::CpuTimes sum{gone_cpu_ns_.load(), std::nullopt};
    if (!lost_ready_.load()) sum.ready_ns = gone_ready_ns_.load();
    const std::optional<os::CpuTimes> begin = at_ready_.load();
    if (!begin) return sum; // it has not started yet
    if (!now) return std::nullopt;
    sum.cpu_ns += std::max<std::int64_t>(0, now->cpu_ns - begin->cpu_ns);
    if (sum.ready_ns && now->ready_ns && begin->ready_ns)
        *sum.ready_ns += std::max<std::int64_t>(0, *now->ready_ns - *begin->ready_ns);
    else
        sum.ready_ns.reset();
    return sum;
}

void CpuAccount::reset_for_next_worker() noexcept {
    const std::optional<os::CpuTimes> all = sum_at_end();
    gone_cpu_ns_.store(all ? all->cpu_ns : 0);
    gone_ready_ns_.store(all ? all->ready_ns.value_or(0) : 0);
    if (!all) lost_cpu_.store(true);
    if (!all || !all->ready_ns) lost_ready_.store(true);
    at_ready_.clear();
    at_end_.clear();
}

} // namespace mp::detail
