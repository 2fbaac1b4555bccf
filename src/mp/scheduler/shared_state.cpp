#include "mp/scheduler/shared_state.hpp"

#include <new>

namespace mp::detail {

std::size_t SharedState::bytes(unsigned workers) {
    return sizeof(SharedState) + workers * sizeof(WorkerSlot) +
           std::size_t{max_jobs + 1} * workers * sizeof(JobPart);
}

SharedState* SharedState::make(std::byte* memory, const Options& options) {
    auto* shared = ::new (memory) SharedState{};
    shared->options_ = options;
    shared->events_.open(options.workers, options.usable_cpus);
    shared->worker_slots_ = reinterpret_cast<WorkerSlot*>(memory + sizeof(SharedState));
    shared->job_parts_ = reinterpret_cast<JobPart*>(shared->worker_slots_ + options.workers);
    for (unsigned i = 0; i < options.workers; ++i) ::new (shared->worker_slots_ + i) WorkerSlot{};
    for (std::size_t i = 0; i < std::size_t{max_jobs + 1} * options.workers; ++i)
        ::new (shared->job_parts_ + i) JobPart{};
    return shared;
}

bool SharedState::release(const void* allocation) noexcept {
    const auto* at = static_cast<const std::byte*>(allocation);
    const ResultHeap& first = worker_slots_[0].result_heap();
    if (first.size() == 0 || at < first.data()) return false;
    const std::size_t index = static_cast<std::size_t>(at - first.data()) / first.size();
    if (index >= options_.workers) return false;
    worker_slots_[index].result_heap().release(at);
    return true;
}

bool steal(std::span<JobPart> parts, unsigned worker) noexcept {
    for (std::size_t step = 1; step < parts.size(); ++step)
        if (parts[worker].deque.steal_from(parts[(worker + step) % parts.size()].deque))
            return true;
    return false;
}

} // namespace mp::detail
