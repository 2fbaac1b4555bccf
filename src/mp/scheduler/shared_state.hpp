#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

#include "mp/backend.hpp"
#include "mp/scheduler/event_count.hpp"
#include "mp/scheduler/job_slot.hpp"
#include "mp/scheduler/range_deque.hpp"
#include "mp/scheduler/task_queue.hpp"
#include "mp/scheduler/worker_slot.hpp"

namespace mp::detail {

/// The memory that a pool and its workers share.
///
/// There are two kinds of work. A *job* has a known number of items, divided into *grains* of
/// consecutive items. Each worker starts with an equal range of grains, pops at its low end, and
/// steals from others when it has none left. A *task* is in the *queue*, in the order of
/// submission; a worker claims a few positions at the front as its own range. Workers alternate
/// between pieces of work, so that several make progress at once.
///
/// A worker may be killed between any two instructions. Each class documents how its data stays
/// correct: RangeDeque (what a dead worker held), JobSlot (what it had finished), Progress (how far
/// it was), TaskQueue (what to submit again), EventCount (no wake-up is lost), and WorkerSlot.
class alignas(line) SharedState {
public:
    static constexpr std::uint32_t max_jobs = 32; // jobs in progress at once

    struct Options {
        unsigned workers = 1;
        unsigned usable_cpus = 1;
        unsigned first_worker = 0;     // see BackendOptions
        unsigned maxtasksperchild = 0; // 0: no limit
        bool timed = false;            // workers record when each item begins
    };

    /// The bytes that it needs; WorkerSlots and JobParts follow it in the same block.
    static std::size_t bytes(unsigned workers);
    /// Constructs one in zeroed memory of that size.
    static SharedState* make(std::byte* memory, const Options& options);

    const Options& options() const noexcept { return options_; }
    unsigned workers() const noexcept { return options_.workers; }

    std::span<WorkerSlot> worker_slots() noexcept { return {worker_slots_, options_.workers}; }
    WorkerSlot& worker_slot(unsigned worker) noexcept { return worker_slots_[worker]; }
    /// The slot of the job with this name: names include the slot.
    static std::uint32_t slot_of(JobId id) noexcept { return id % max_jobs; }
    JobSlot& job_slot(std::uint32_t slot) noexcept { return job_slots_[slot]; }
    /// All workers' parts of the job in a slot.
    std::span<JobPart> job_parts(std::uint32_t slot) noexcept {
        return {job_parts_ + std::size_t{slot} * options_.workers, options_.workers};
    }
    /// All workers' parts of the queue.
    std::span<JobPart> task_parts() noexcept { return job_parts(max_jobs); }
    TaskQueue& queue() noexcept { return queue_; }
    EventCount& events() noexcept { return events_; }
    OwnerEvent& owner_event() noexcept { return owner_event_; }

    /// A bit for each slot with a job in progress. Sequentially consistent: a worker that is about
    /// to sleep has looked at it after it took the key of the events.
    std::uint32_t active_jobs() const noexcept { return active_.load(std::memory_order_seq_cst); }
    void activate(std::uint32_t slot) noexcept {
        active_.fetch_or(1U << slot, std::memory_order_seq_cst);
    }
    void deactivate(std::uint32_t slot) noexcept {
        active_.fetch_and(~(1U << slot), std::memory_order_seq_cst);
    }
    /// Tells workers to leave once they find no work.
    void close() noexcept {
        closed_.store(true, std::memory_order_seq_cst);
        events_.notify_all();
    }
    bool is_closed() const noexcept { return closed_.load(std::memory_order_seq_cst); }

    /// Releases a packed result or a note in the result heap that contains it; false: none contains
    /// it.
    bool release(const void* allocation) noexcept;

private:
    Options options_;
    WorkerSlot* worker_slots_ = nullptr;
    JobPart* job_parts_ = nullptr;
    EventCount events_{};
    std::atomic<bool> closed_{};
    std::atomic<std::uint32_t> active_{};
    OwnerEvent owner_event_{};
    TaskQueue queue_{};
    JobSlot job_slots_[max_jobs]{};
};

/// Moves the upper half of another worker's range into the empty one of `worker`. False: none has
/// any. `parts`: of the job, or of the queue.
bool steal(std::span<JobPart> parts, unsigned worker) noexcept;

} // namespace mp::detail
