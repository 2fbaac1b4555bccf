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

/// A task whose memory is too large to keep for another one.
struct LargeTask {
    TaskSlot slot;
    std::byte* memory;
};

/// The layout of a task; the first bytes are the TaskSlot.
inline std::byte* memory_of(TaskSlot& task) {
    return task.log_bytes != 0 ? reinterpret_cast<std::byte*>(&task)
                               : reinterpret_cast<LargeTask&>(task).memory;
}

/// Returns the error of a failed item; releases and clears its note.
std::exception_ptr take_error(Executor& executor, FailureNote*& note);

/// The memory of a pool's tasks. Memory of a TaskSlot is never used for anything else, because a
/// worker may look at an old one. Thread-safety: all methods from any thread.
class TaskMemory {
public:
    explicit TaskMemory(Backend& backend) : backend_(backend) {}

    /// Returns a task of `bytes` bytes, in the state cancelled until it is submitted. Errors: those
    /// of Backend::allocate.
    TaskSlot& take(std::size_t bytes);
    /// Drops a task that is no longer needed: cancels it if it has not begun; once it is done,
    /// releases what its results hold and reuses its memory.
    void drop(TaskSlot& task) noexcept;
    /// Reclaims the memory of dropped tasks that are done by now.
    void collect_done() noexcept;

private:
    TaskSlot& take_slot(std::size_t log_bytes);
    void free(TaskSlot& task) noexcept;
    void collect_done_locked() noexcept;

    static constexpr std::size_t smallest_log =
        6; // one cache line, so that two workers do not share one
    static constexpr std::size_t largest_log = 16; // larger ones are not kept for other tasks

    Backend& backend_;
    std::mutex mutex_;
    std::array<std::vector<TaskSlot*>, largest_log + 1>
        free_; // indexed by the logarithm of their size
    std::vector<std::shared_ptr<void>> slabs_;
    std::unordered_map<TaskSlot*, std::shared_ptr<void>> large_; // the memory of LargeTasks
    std::vector<TaskSlot*> dropped_;                             // dropped, but not done
};

} // namespace mp::detail
