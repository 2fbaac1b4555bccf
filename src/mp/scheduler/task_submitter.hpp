#pragma once

#include <cstdint>
#include <deque>

#include "mp/arena.hpp"
#include "mp/scheduler/notifier.hpp"
#include "mp/scheduler/task_queue.hpp"

namespace mp::detail {

/// The owner's end of the queue: new tasks, and those that are to be run again, which come first.
/// Thread-safety: as the owner's lock allows.
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
    /// Submits what is to be run again, as far as there is room.
    void submit_requeued() noexcept;
    /// Forgets what is to be run again.
    void forget_requeued() noexcept { to_requeue_.clear(); }
    bool has_requeued() const noexcept { return !to_requeue_.empty(); }

private:
    /// Positions whose memory comes and goes together.
    static constexpr std::uint32_t segment = 1U << 14;

    void release_segment(std::uint32_t position) noexcept;

    TaskQueue& queue_;
    Notifier& notifier_;
    SharedBlock memory_;
    std::uint32_t used_ = 0; // entries at the ring's beginning that have been used
    std::deque<TaskSlot*> to_requeue_;
};

} // namespace mp::detail
