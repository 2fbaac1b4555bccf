#include "mp/task_memory.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <new>
#include <utility>

#include "mp/storage.hpp"

namespace mp::detail {

namespace {

constexpr std::size_t slab_bytes = std::size_t{1} << 18;

// Releases results that were never taken.
void discard(Executor& executor, TaskSlot& task) noexcept {
    const TaskItems items = task.type->items(task);
    for (std::size_t i = 0; i < items.job.size; ++i)
        if (items.failures[i] != nullptr) executor.release(items.failures[i]);
    release_results(executor, items.job, 0, items.job.size);
}

} // namespace

std::exception_ptr take_error(Executor& executor, FailureNote*& note) {
    std::exception_ptr error = error_of(*note);
    executor.release(std::exchange(note, nullptr));
    return error;
}

TaskSlot& TaskMemory::take(std::size_t bytes) {
    const auto log_bytes =
        std::max(smallest_log, static_cast<std::size_t>(std::bit_width(bytes - 1)));
    if (log_bytes <= largest_log) {
        const std::lock_guard lock(mutex_);
        return take_slot(log_bytes);
    }
    std::shared_ptr<void> memory = backend_.allocate(bytes);
    const std::lock_guard lock(mutex_);
    static_assert(sizeof(LargeTask) <= std::size_t{1} << smallest_log);
    TaskSlot& task = take_slot(smallest_log);
    auto& kept = large_[&task] = std::move(memory);
    task.log_bytes = 0;
    reinterpret_cast<LargeTask&>(task).memory = static_cast<std::byte*>(kept.get());
    return task;
}

// REQUIRES: mutex_.
TaskSlot& TaskMemory::take_slot(std::size_t log_bytes) {
    auto& free = free_[log_bytes];
    if (free.empty() && !dropped_.empty()) collect_done_locked();
    if (free.empty()) {
        const std::size_t bytes = std::size_t{1} << log_bytes, count = slab_bytes / bytes;
        slabs_.push_back(backend_.allocate(slab_bytes));
        auto* memory = static_cast<std::byte*>(slabs_.back().get());
        for (std::size_t i = count; i-- > 0;) {
            auto* task = ::new (memory + i * bytes) TaskSlot{};
            task->log_bytes = static_cast<std::uint8_t>(log_bytes);
            free.push_back(task);
        }
    }
    TaskSlot& task = *free.back();
    free.pop_back();
    task.status.reset(TaskState::cancelled);
    task.worker_exits = 0;
    return task;
}

void TaskMemory::drop(TaskSlot& task) noexcept {
    if (!task.done()) (void)task.status.try_cancel();
    const bool done = task.done();
    if (done) discard(backend_.executor(), task);
    const std::lock_guard lock(mutex_);
    if (done) return free(task);
    dropped_.push_back(&task);
}

void TaskMemory::collect_done() noexcept {
    const std::lock_guard lock(mutex_);
    collect_done_locked();
}

// REQUIRES: mutex_.
void TaskMemory::collect_done_locked() noexcept {
    std::erase_if(dropped_, [this](TaskSlot* task) {
        if (!task->done()) return false;
        discard(backend_.executor(), *task);
        free(*task);
        return true;
    });
}

// REQUIRES: mutex_.
void TaskMemory::free(TaskSlot& task) noexcept {
    if (task.log_bytes == 0) {
        large_.erase(&task);
        task.log_bytes = smallest_log;
    }
    free_[task.log_bytes].push_back(&task);
}

} // namespace mp::detail
