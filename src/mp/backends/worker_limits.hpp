#pragma once

namespace mp::detail {

/// Errors: std::system_error, naming the limit, if the kernel does not allow that many more
/// processes.
void check_limit(unsigned processes);

/// The same for many workers. Checking takes as long as starting a worker, so for a few it does not
/// check.
void check_limit_of_many(unsigned processes);

/// The same for workers that are threads.
void check_thread_limit_of_many(unsigned threads);

/// Returns whether the kernel has killed a process because memory ran out since the last call.
bool out_of_memory_since_last_asked() noexcept;

} // namespace mp::detail
