#pragma once

#include <array>
#include <cstddef>
#include <exception>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "mp/backend.hpp"

namespace mp::detail {

/// A task whose memory is too much to keep for another one.
struct LargeTask {
    TaskSlot slot;
    std::byte* memory;
};

/// What a task is made of; the first bytes are the TaskSlot's.
inline std::byte* memory_of(TaskSlot& task) {
    return task.log_bytes != 0 ? reinterpret_cast<std::byte*>(&task)
                               : reinterpret_cast<LargeTask&>(task).memory;
}

/// The error of a failed item; gives the note's memory back, and forgets it.
std::exception_ptr take_error(Executor& executor, FailureNote*& note);

/// The memory of a pool's tasks. A TaskSlot is never anything else again: a worker may look at an
/// old one. Thread-safety: all methods from any thread.
class TaskMemory {
public:
    explicit TaskMemory(Backend& backend) : backend_(backend) {}

    /// A task of `bytes` bytes, cancelled until it is submitted. Errors: those of
    /// Backend::allocate.
    TaskSlot& take(std::size_t bytes);
    /// Nobody needs the task any more: calls it off if it has not begun, and once it is done, gives
    /// up what its results hold and uses its memory again.
    void drop(TaskSlot& task) noexcept;
    /// Takes back the memory of dropped tasks that are done by now.
    void collect_done() noexcept;

private:
    TaskSlot& take_slot(std::size_t log_bytes);
    void free(TaskSlot& task) noexcept;
    void collect_done_locked() noexcept;

    static constexpr std::size_t smallest_log = 6; // a cache line, which two workers do not share
    static constexpr std::size_t largest_log = 16; // of what is kept for other tasks

    Backend& backend_;
    std::mutex mutex_;
    std::array<std::vector<TaskSlot*>, largest_log + 1> free_; // by the logarithm of their size
    std::vector<std::shared_ptr<void>> slabs_;
    std::unordered_map<TaskSlot*, std::shared_ptr<void>> large_; // what LargeTasks have
    std::vector<TaskSlot*> dropped_;                             // and not done
};

} // namespace mp::detail
