#include "mp/scheduler/task_submitter.hpp"

#include <algorithm>

namespace mp::detail {

namespace {
constexpr std::size_t entry_bytes = sizeof(TaskQueue::Entry);
}

TaskSubmitter::TaskSubmitter(TaskQueue& queue, Notifier& notifier)
    : queue_(queue), notifier_(notifier),
      memory_(SharedArena::own().take_addresses(TaskQueue::capacity * entry_bytes)) {
    queue_.open(reinterpret_cast<TaskQueue::Entry*>(memory_.data()));
}

TaskSubmitter::~TaskSubmitter() {
    if (used_ != 0) SharedArena::drop(memory_.data(), used_ * entry_bytes);
}

// Pages of ring entries that have been used up are given back, so that a long iteration needs no
// more memory than a short one.
void TaskSubmitter::release_segment(std::uint32_t position) noexcept {
    const std::uint32_t first = position % TaskQueue::capacity;
    if (first >= used_) return; // never used
    for (std::uint32_t i = 0; i < segment; ++i)
        if (!queue_.is_empty(first + i)) return;
    SharedArena::drop(memory_.data() + first * entry_bytes, segment * entry_bytes);
}

void TaskSubmitter::submit(TaskSlot& task) noexcept {
    const std::uint32_t at = queue_.end();
    if (at % segment == 0) release_segment(at - 2 * segment);
    queue_.submit(task);
    used_ = std::max(used_, at % TaskQueue::capacity + 1);
    notifier_.notify_task();
}

void TaskSubmitter::submit_requeued() noexcept {
    while (!to_requeue_.empty() && queue_.has_room()) {
        submit(*to_requeue_.front());
        to_requeue_.pop_front();
    }
}

} // namespace mp::detail
