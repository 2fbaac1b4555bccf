#include "mp/scheduler/pool_memory.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <new>

#include "mp/cpu.hpp"

namespace mp::detail {

namespace {

constexpr std::size_t largest_result_heap = std::size_t{16} << 30;

// process_cpu_count(), at most one second old: it reads several files, which takes as long as
// starting a worker.
unsigned usable_cpus() {
    static std::atomic<std::int64_t> until_ns = 0; // not a lock, which a fork might find locked
    static std::atomic<unsigned> count = 0;
    if (now_ns() > until_ns.load()) {
        count = process_cpu_count();
        until_ns = now_ns() + 1'000'000'000;
    }
    return count;
}

} // namespace

PoolMemory::PoolMemory(const BackendOptions& options, std::int64_t made_ns) {
    const unsigned workers = options.processes;
    SharedArena& arena = SharedArena::own();
    memory_ = arena.take(SharedState::bytes(workers));
    std::memset(memory_.data(), 0, SharedState::bytes(workers));
    shared_ = SharedState::make(memory_.data(), {.workers = workers,
                                                 .usable_cpus = usable_cpus(),
                                                 .first_worker = options.first_worker,
                                                 .maxtasksperchild = options.maxtasksperchild,
                                                 .timed = options.task_timeout.count() > 0});
    const std::size_t bytes_each = std::bit_floor(
        std::min(largest_result_heap, arena.size() / 64 / std::bit_ceil(std::size_t{workers})));
    result_heaps_ = arena.take_addresses(bytes_each * workers);
    for (unsigned i = 0; i < workers; ++i) {
        TraceBuffer* trace_buffer = nullptr;
        if (options.trace) {
            trace_buffers_.push_back(arena.take(sizeof(TraceBuffer)));
            trace_buffer = ::new (trace_buffers_.back().data()) TraceBuffer();
        }
        shared_->worker_slot(i).open(result_heaps_.data() + i * bytes_each, bytes_each,
                                     trace_buffer, made_ns);
    }
}

PoolMemory::~PoolMemory() {
    for (WorkerSlot& worker_slot : shared_->worker_slots()) worker_slot.close();
}

} // namespace mp::detail
