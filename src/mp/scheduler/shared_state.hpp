#pragma once

/// The memory that a pool and its workers share, and the protocol on it.
///
/// Two kinds of work. A *job* has a known number of items, cut into *grains* of consecutive ones.
/// Each worker starts with an equal range of grains and takes from its low end; who has none left
/// takes the upper half of another's range. A *task* stands in the *queue*, in the order of
/// submission; a worker takes a few positions from its front as a range of its own, from which
/// others may steal in the same way. Workers turn from one piece of work to the next, so that
/// several make progress at once.
///
/// A range is one atomic word, so a claim is one compare-and-swap, and the word itself is the
/// record of who holds what. Every other word has one writer, or is an atomic that is right at any
/// instant, so that a worker may be killed between any two instructions:
///   - grain g is finished when flags[g] is set, after its results were written (release, then
///     acquire by the owner);
///   - a dead worker had claimed grains base .. low - 1 of its range, and had not finished those of
///     them without a flag; of their items those before `reached` are done with, and it was running
///     one of the next few (TaskContext::report_stride), which are run again one by one: as a task
///     of several items, in the queue;
///   - a theft is announced in `stealing` before the victim's range shrinks and withdrawn after the
///     thief's own has grown, so a thief that dies in between leaves a note of what may be in
///     nobody's range;
///   - a task knows its own state: whoever turns it from open to running runs it. So the owner may
///     put a task that a dead worker might have held into the queue again, whatever else holds it.
///
/// Who finds nothing spins for a while, then polls, looking again by itself a few times, then
/// sleeps on the epoch. Who has handed something out looks afterwards who sleeps, and who falls
/// asleep says so before it looks for the last time; all of these are in one order, so that one
/// sees the other.
///
/// Source: the steal-half deque is after Hendler and Shavit, "Non-blocking steal-half work queues",
/// PODC 2002.

#include <sys/types.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "mp/backend.hpp"
#include "mp/scheduler/result_heap.hpp"
#include "mp/scheduler/worker_stats.hpp"

namespace mp::detail {

/// Who slept longer than this comes back from a cold start: it does not spin at once.
inline constexpr std::int64_t cold_ns = 1'000'000;

inline constexpr std::size_t line = 128; // two cache lines: processors fetch them in pairs

/// Grains low .. high - 1, in one word.
struct Range {
    std::uint32_t low = 0;
    std::uint32_t high = 0;

    std::uint64_t word() const { return std::uint64_t{low} << 32 | high; }
    static Range of(std::uint64_t word) {
        return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word)};
    }
    std::uint32_t size() const { return high - low; } // positions in the queue wrap around
    bool empty() const { return low == high; }
};

/// One worker's part of one job, or of the queue.
struct alignas(line) RangeDeque {
    std::atomic<std::uint64_t> range; // its owner takes from the low end, thieves from the high end
    std::atomic<std::uint32_t> base;  // where its latest claim began; owner only
    std::atomic<std::uint64_t>
        stealing; // the range that the owner is about to take from another; 0: none
    std::atomic<FailureNote*> failure;  // the failed item with the lowest index; owner only
    std::atomic<std::uint64_t> reached; // see TaskContext::reach; of its latest claim, if inside it
};

inline constexpr std::size_t inline_closure = 256;
inline constexpr std::size_t inline_flags = 128;
enum Flag : std::uint8_t { open_grain = 0, finished_grain = 1, lost_grain = 2 };

/// A published job.
struct alignas(line) JobSlot {
    std::atomic<std::uint32_t> id; // 0: none
    Job job;
    std::size_t grain; // items in a grain
    std::atomic<std::uint32_t> grains;
    bool adaptive; // claims may be of several grains, as many as take a good while
    std::atomic<std::uint8_t>* flags;
    alignas(64) std::byte closure[inline_closure];
    std::atomic<std::uint8_t> small_flags[inline_flags];
    alignas(
        line) std::atomic<std::uint64_t> done; // grains finished, as far as workers have reported
    std::atomic<bool> audit; // a worker died: report every grain, the flags decide
};

/// Tasks in the order of submission. A place in the ring is free again when it is null.
struct alignas(line) TaskQueue {
    static constexpr std::uint32_t capacity = 1U << 20;
    static constexpr std::uint32_t segment = 1U << 14; // whose memory comes and goes together

    std::atomic<TaskSlot*>* buffer;
    alignas(line) std::atomic<std::uint32_t> published; // the position after the last; owner only
    alignas(line) std::atomic<std::uint32_t> claimed;   // the position after the last taken

    /// Whether there are tasks that nobody has taken. In one order with SharedState::waiters.
    bool has_unclaimed() const noexcept {
        return published.load(std::memory_order_seq_cst) != claimed.load(std::memory_order_seq_cst);
    }
    std::atomic<TaskSlot*>& at(std::uint32_t position) { return buffer[position % capacity]; }
};

enum class WorkerState : std::uint32_t { starting, ready, failed };

/// One worker's own words.
struct alignas(line) WorkerSlot {
    static constexpr std::uint32_t in_queue = ~std::uint32_t{0};

    std::atomic<std::uint64_t> visits;  // counts its comings to any work
    std::atomic<TaskSlot*> task;        // which it is about to run, or has run
    std::atomic<std::uint32_t> in_job;  // the job that it is looking at, or in_queue; 0: none
    std::atomic<std::uint32_t> waiting; // it counts among the waiters
    std::atomic<WorkerState> state;
    std::atomic<std::uint32_t> budget_exhausted; // it leaves, having run maxtasksperchild chunks
    std::atomic<std::uint32_t> restarts;         // workers here that ended before their time
    std::atomic<std::int64_t> item_began_ns;     // in a timed pool; 0: it runs none
    std::atomic<pid_t> pid;
    std::atomic<pid_t> unreported_pid; // a worker that the fork server has made and the owner not
                                       // yet heard of; 0: none
    WorkerCounters counters;
    TraceBuffer* trace_buffer; // null without PoolOptions::trace
    ResultHeap result_heap;
    std::atomic<FailureNote*> init_failure;
    FailureNote last_resort; // for a failure that finds no memory to write itself down
};

enum class PoolState : std::uint32_t { open, closed };

/// Everything together; WorkerSlots and RangeDeques follow the SharedState in one block of zeroed
/// memory.
struct alignas(line) SharedState {
    static constexpr std::uint32_t max_jobs = 32; // jobs under way at once

    unsigned processes;
    unsigned first_worker;     // see BackendOptions
    unsigned maxtasksperchild; // 0: no limit
    bool timed;                // workers say when they begin each item
    unsigned spinners_allowed;
    bool yield_instead; // one CPU: who spins keeps the other from running
    WorkerSlot* worker_slots;
    RangeDeque* deques;
    alignas(line) std::atomic<std::uint32_t> epoch; // counts announcements; idle workers watch it
                                                    // and the queue, and sleep on it
    std::atomic<PoolState> pool_state;
    std::atomic<std::uint32_t> active;                 // a bit for each slot with a job under way
    alignas(line) std::atomic<std::uint32_t> waiters;  // at least as many as sleep on the epoch
    alignas(line) std::atomic<std::uint64_t> spinners; // a bit for each of the first 64 workers
    std::atomic<std::uint64_t> pollers; // likewise: waiters that will look again soon by themselves
    alignas(line) std::atomic<std::uint32_t> owner_waiting; // the pool's owner sleeps: notify it
    alignas(
        line) std::atomic<std::uint32_t> owners_spinning; // threads that wait for results, awake
    TaskQueue queue;
    JobSlot job_slots[max_jobs];

    static std::size_t bytes(unsigned processes);
    /// Makes a SharedState in zeroed memory of that size.
    static SharedState* make(std::byte* memory, unsigned processes, unsigned usable_cpus);

    RangeDeque& deque(std::uint32_t slot, unsigned worker) {
        return deques[std::size_t{slot} * processes + worker];
    }
    /// A worker's part of the queue.
    RangeDeque& task_deque(unsigned worker) { return deque(max_jobs, worker); }
    /// Gives a packed result or a note back to the result heap that it lies in; false: it lies in
    /// none.
    bool release(const void* allocation) noexcept;
};

/// Takes up to `most` grains from the low end of a worker's own range; empty when there is none.
Range pop(RangeDeque& deque, std::uint32_t most) noexcept;

/// Moves the upper half of another worker's range into the empty one of `worker`. False when nobody
/// has any. `slot`: of the job; SharedState::max_jobs for the queue.
bool steal(SharedState& shared, std::uint32_t slot, unsigned worker) noexcept;

/// Moves some positions from the front of the queue into the empty range of `worker`; how many.
std::uint32_t claim_tasks(SharedState& shared, unsigned worker) noexcept;

} // namespace mp::detail
