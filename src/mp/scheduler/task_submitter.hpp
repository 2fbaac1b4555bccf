#pragma once

#include <cstdint>
#include <deque>

#include "mp/arena.hpp"
#include "mp/scheduler/notifier.hpp"
#include "mp/scheduler/task_queue.hpp"

namespace mp::detail {

/// The owner's end of the queue: new tasks, and tasks to run again, which come first.
/// Thread-safety: protected by the owner's lock.
class TaskSubmitter {
public:
    /// Provides the queue's memory. Errors: std::system_error.
    TaskSubmitter(TaskQueue& queue, Notifier& notifier);
    ~TaskSubmitter();
    TaskSubmitter(const TaskSubmitter&) = delete;
    TaskSubmitter& operator=(const TaskSubmitter&) = delete;

    bool has_room() const noexcept { return to_requeue_.empty() && queue_.has_room(); }
    /// REQUIRES: has_room().
    void submit(TaskSlot& task) noexcept;

    /// The task is to be run again.
    void requeue(TaskSlot& task) { to_requeue_.push_back(&task); }
    /// Submits the tasks to run again, as far as there is room.
    void submit_requeued() noexcept;
    /// Forgets the tasks to run again.
    void forget_requeued() noexcept { to_requeue_.clear(); }
    bool has_requeued() const noexcept { return !to_requeue_.empty(); }

private:
    /// Positions whose memory is allocated and released together.
    static constexpr std::uint32_t segment = 1U << 14;

    void release_segment(std::uint32_t position) noexcept;

    TaskQueue& queue_;
    Notifier& notifier_;
    SharedBlock memory_;
    std::uint32_t used_ = 0; // entries at the start of the ring that have been used
    std::deque<TaskSlot*> to_requeue_;
};

} // namespace mp::detail
