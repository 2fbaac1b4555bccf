#pragma once

namespace mp {

/// Inside a task: which of the pool's workers runs it, 0 .. processes - 1. Elsewhere: 0.
unsigned worker_index() noexcept;

namespace detail {

/// Marks the calling thread as worker `index` of `backend`; nullptr: no worker.
void set_worker(unsigned index, const void* backend) noexcept;
/// The backend whose task the calling thread runs; nullptr: none.
const void* backend_of_this_thread() noexcept;

/// Whether this process is a child that the library made.
bool in_child() noexcept;
void set_in_child() noexcept;

} // namespace detail

} // namespace mp
