#pragma once

namespace mp {

/// Inside a task: which of the pool's workers runs it, 0 .. processes - 1. Elsewhere: 0.
unsigned worker_index() noexcept;

namespace detail {

/// Marks the calling thread as worker `index` of `backend`; nullptr: no worker.
void set_worker(unsigned index, const void* backend) noexcept;
/// The backend whose task the calling thread runs; nullptr: none.
const void* backend_of_this_thread() noexcept;

/// Another address in each child that fork() makes. Its type is one that no result has, so that a
/// loop that writes results and calls nothing reads it only once.
extern const char* fork_stamp;

/// Ends a child that a task has made by fork() and that has returned from the task: it must not
/// go on as a second copy of the worker.
[[noreturn]] void leave_forked_copy() noexcept;

/// Made before a task is run: notices, after the task, that this is a child which the task made.
class SameProcess {
public:
    void check() const noexcept {
        if (fork_stamp != stamp_) [[unlikely]]
            leave_forked_copy();
    }

private:
    const char* stamp_ = fork_stamp;
};

/// Whether this process is a child that the library made.
bool in_child() noexcept;
void set_in_child() noexcept;

} // namespace detail

} // namespace mp
