#include "mp/scheduler/shared_state.hpp"

#include <algorithm>
#include <cstddef>
#include <new>

namespace mp::detail {

std::size_t SharedState::bytes(unsigned processes) {
    return sizeof(SharedState) + processes * sizeof(WorkerSlot) +
           std::size_t{max_jobs + 1} * processes * sizeof(RangeDeque);
}

SharedState* SharedState::make(std::byte* memory, unsigned processes, unsigned usable_cpus) {
    auto* shared = ::new (memory) SharedState{};
    shared->processes = processes;
    shared->spinners_allowed = std::max(1U, usable_cpus - 1);
    shared->yield_instead = usable_cpus < 2;
    shared->worker_slots = reinterpret_cast<WorkerSlot*>(memory + sizeof(SharedState));
    shared->deques = reinterpret_cast<RangeDeque*>(shared->worker_slots + processes);
    for (unsigned i = 0; i < processes; ++i) ::new (shared->worker_slots + i) WorkerSlot{};
    for (std::size_t i = 0; i < std::size_t{max_jobs + 1} * processes; ++i)
        ::new (shared->deques + i) RangeDeque{};
    return shared;
}

bool SharedState::release(const void* allocation) noexcept {
    const auto* at = static_cast<const std::byte*>(allocation);
    const ResultHeap& first = worker_slots[0].result_heap;
    if (first.memory == nullptr || at < first.memory) return false;
    const std::size_t index =
        static_cast<std::size_t>(at - first.memory) / (first.regions * ResultHeap::region);
    if (index >= processes) return false;
    worker_slots[index].result_heap.release(at);
    return true;
}

Range pop(RangeDeque& deque, std::uint32_t most) noexcept {
    std::uint64_t seen = deque.range.load(std::memory_order_relaxed);
    for (;;) {
        const Range range = Range::of(seen);
        if (range.empty()) return {};
        const std::uint32_t middle = range.low + std::min(most, range.size());
        // First where the claim begins: who dies before the exchange has then claimed nothing.
        deque.base.store(range.low, std::memory_order_release);
        if (deque.range.compare_exchange_weak(seen, Range{middle, range.high}.word(),
                                              std::memory_order_acq_rel, std::memory_order_relaxed))
            return {range.low, middle};
    }
}

namespace {

void complete_steal(RangeDeque& mine, Range stolen) noexcept {
    mine.base.store(stolen.low, std::memory_order_release);
    mine.range.store(stolen.word(), std::memory_order_release);
    mine.stealing.store(0, std::memory_order_release);
}

} // namespace

bool steal(SharedState& shared, std::uint32_t slot, unsigned worker) noexcept {
    RangeDeque& mine = shared.deque(slot, worker);
    bool announced = false;
    for (unsigned step = 1; step < shared.processes; ++step) {
        RangeDeque& victim = shared.deque(slot, (worker + step) % shared.processes);
        std::uint64_t seen = victim.range.load(std::memory_order_relaxed);
        for (;;) {
            const Range range = Range::of(seen);
            if (range.empty()) break;
            const std::uint32_t middle = range.high - (range.size() + 1) / 2;
            const Range stolen{middle, range.high};
            mine.stealing.store(stolen.word(), std::memory_order_seq_cst);
            announced = true;
            if (victim.range.compare_exchange_strong(seen, Range{range.low, middle}.word(),
                                                     std::memory_order_seq_cst,
                                                     std::memory_order_relaxed)) {
                complete_steal(mine, stolen);
                return true;
            }
        }
    }
    if (announced) mine.stealing.store(0, std::memory_order_release);
    return false;
}

std::uint32_t claim_tasks(SharedState& shared, unsigned worker) noexcept {
    TaskQueue& queue = shared.queue;
    RangeDeque& mine = shared.task_deque(worker);
    std::uint32_t front = queue.claimed.load(std::memory_order_acquire); // before what is published
    for (bool announced = false;;) {
        const std::uint32_t waiting = queue.published.load(std::memory_order_acquire) - front;
        if (waiting == 0) {
            if (announced) mine.stealing.store(0, std::memory_order_release);
            return 0;
        }
        constexpr std::uint32_t most = 32;
        const std::uint32_t some = std::clamp(waiting / (2 * shared.processes), 1U, most);
        mine.stealing.store(Range{front, front + some}.word(), std::memory_order_seq_cst);
        announced = true;
        if (queue.claimed.compare_exchange_strong(front, front + some, std::memory_order_seq_cst,
                                                  std::memory_order_acquire)) {
            complete_steal(mine, {front, front + some});
            return some;
        }
    }
}

} // namespace mp::detail
