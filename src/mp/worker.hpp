#pragma once

namespace mp {

/// Inside a task: the index of the worker that runs it, 0 .. processes - 1. Elsewhere: 0.
unsigned worker_index() noexcept;

namespace detail {

/// Marks the calling thread as worker `index` of `backend`; nullptr: not a worker.
void set_worker(unsigned index, const void* backend) noexcept;
/// The backend whose task the calling thread runs; nullptr: none.
const void* backend_of_this_thread() noexcept;

/// Differs in each child that fork() makes. Its type is never a result type, so a loop that writes
/// results and calls nothing reads it only once.
extern const char* fork_stamp;

/// Ends a child that a task made by fork() and that has returned from the task: it must not
/// continue as a second copy of the worker.
[[noreturn]] void leave_forked_copy() noexcept;

/// Made before a task runs: detects afterwards whether this process is a child that the task made.
class SameProcess {
public:
    void check() const noexcept {
        if (fork_stamp != stamp_) [[unlikely]]
            leave_forked_copy();
    }

private:
    const char* stamp_ = fork_stamp;
};

/// Returns whether this process is a child that the library made.
bool in_child() noexcept;
void set_in_child() noexcept;

} // namespace detail

} // namespace mp
