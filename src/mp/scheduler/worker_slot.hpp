#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <optional>

#include "mp/backend.hpp"
#include "mp/scheduler/atomics.hpp"
#include "mp/scheduler/event_count.hpp"
#include "mp/scheduler/result_heap.hpp"
#include "mp/scheduler/visits.hpp"
#include "mp/scheduler/worker_stats.hpp"

namespace mp::detail {

enum class WorkerState : std::uint32_t { starting, ready, failed };

/// What one worker says of itself, in memory that all workers and the pool's owner share. Each word
/// has one writer at a time: the worker, or after its death the owner, which the kernel has told of
/// that. So where nothing else is said, sequentially consistent accesses are only the plainest
/// choice: they are far from any inner loop.
class alignas(line) WorkerSlot {
public:
    /// The argument of visit() for the queue.
    static constexpr JobId queue = ~JobId{0};

    /// `trace_buffer`: null without PoolOptions::trace.
    void open(std::byte* heap, std::size_t heap_bytes, TraceBuffer* trace_buffer,
              std::int64_t asked_ns);
    /// Drops the pages of the result heap; no worker is left.
    void close() noexcept { result_heap_.close(); }

    // ---- For the worker.

    /// See Visits.
    template <class F> bool visit(JobId job, F work) { return visits_.visit(job, work); }
    /// The worker is about to begin a task. Relaxed: it then changes the task's state, by an
    /// exchange that keeps this store before it.
    void begin_task(TaskSlot& task) noexcept { task_.store(&task, std::memory_order_relaxed); }
    /// Where TaskContext::reach() records when an item began.
    std::atomic<std::int64_t>& item_clock() noexcept { return item_began_ns_; }
    void set_state(WorkerState state) noexcept { state_.store(state, std::memory_order_seq_cst); }
    /// The initializer failed with the exception that is being handled.
    void write_init_failure() noexcept {
        init_failure_.store(write_failure(0), std::memory_order_release);
    }
    /// The worker leaves after running maxtasksperchild chunks.
    void exhaust_budget() noexcept { budget_exhausted_.store(true, std::memory_order_seq_cst); }
    /// Records that an item failed with the exception that is being handled.
    FailureNote* write_failure(std::size_t item) noexcept;

    // ---- For both.

    EventCount::Waiter& waiter() noexcept { return waiter_; }
    WorkerCounters& counters() noexcept { return counters_; }
    const WorkerCounters& counters() const noexcept { return counters_; }
    TraceBuffer* trace_buffer() const noexcept { return trace_buffer_; }
    /// See WorkerCounters::cpu_times().
    std::optional<os::CpuTimes> cpu_times() const noexcept { return counters_.cpu_times(pid()); }
    ResultHeap& result_heap() noexcept { return result_heap_; }
    pid_t pid() const noexcept { return pid_.load(std::memory_order_seq_cst); }
    void set_pid(pid_t pid) noexcept { pid_.store(pid, std::memory_order_seq_cst); }
    /// A worker that the fork server has created and the owner has not heard of; 0: none. The
    /// kernel writes it when it creates the worker.
    std::atomic<pid_t>& unreported_pid() noexcept { return unreported_pid_; }

    // ---- For the pool's owner.

    WorkerState state() const noexcept { return state_.load(std::memory_order_seq_cst); }
    /// Null: it did not fail.
    const FailureNote* init_failure() const noexcept {
        return init_failure_.load(std::memory_order_acquire);
    }
    bool has_exhausted_budget() const noexcept {
        return budget_exhausted_.load(std::memory_order_seq_cst);
    }
    /// The job that the worker is in, or `queue`; 0: none.
    JobId in_job() const noexcept { return visits_.in_job(); }
    const Visits& visits() const noexcept { return visits_; }
    /// The task that it is about to run, or has run; null: none yet.
    TaskSlot* task() const noexcept { return task_.load(std::memory_order_seq_cst); }
    /// When its current item began, in a timed pool; 0: it runs none.
    std::int64_t item_began_ns() const noexcept {
        return item_began_ns_.load(std::memory_order_seq_cst);
    }
    /// The worker has died. Returns the task that it may have been running.
    TaskSlot* worker_died() noexcept;
    /// Another worker will have this slot.
    void expect_worker() noexcept;

private:
    Visits visits_;
    std::atomic<TaskSlot*> task_;
    EventCount::Waiter waiter_;
    std::atomic<WorkerState> state_;
    std::atomic<bool> budget_exhausted_;
    std::atomic<std::int64_t> item_began_ns_;
    std::atomic<pid_t> pid_, unreported_pid_;
    WorkerCounters counters_;
    TraceBuffer* trace_buffer_;
    ResultHeap result_heap_;
    std::atomic<FailureNote*> init_failure_;
    FailureNote last_resort_; // for a failure when there is no memory to record it
};

} // namespace mp::detail
