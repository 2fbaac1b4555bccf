#pragma once

namespace mp::detail {

/// Errors: std::system_error, which names the limit, where the kernel allows fewer more processes.
void check_limit(unsigned processes);

/// The same for many; asking takes as long as starting a worker, so a few are just tried.
void check_limit_of_many(unsigned processes);

/// The same for workers that are threads.
void check_thread_limit_of_many(unsigned threads);

/// Whether the kernel has killed a process for want of memory since this was last asked.
bool out_of_memory_since_last_asked() noexcept;

} // namespace mp::detail
