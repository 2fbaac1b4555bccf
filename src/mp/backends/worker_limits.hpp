#pragma once

#include <atomic>
#include <cstdint>

namespace mp::detail {

/// Errors: std::system_error, naming the limit, if the kernel does not allow that many more
/// processes.
void check_limit(unsigned processes);

/// The same for many workers. Checking takes as long as starting a worker, so for a few it does not
/// check.
void check_limit_of_many(unsigned processes);

/// The same for workers that are threads.
void check_thread_limit_of_many(unsigned threads);

/// Which workers died because the kernel had run out of memory. It only counts the processes that
/// it kills for that, and another one may be among them, so each kill explains one death, within a
/// second. Thread-safety: all functions may be called from any thread.
class OutOfMemoryKills {
public:
    /// `count`: the kernel's, before the first worker starts.
    explicit OutOfMemoryKills(unsigned long long count) : counted_(count), used_(count) {}

    /// Those that this process sees, counted from the first call on.
    static OutOfMemoryKills& of_this_process();

    /// Returns whether a kill explains one more death. `count`: the kernel's, of now.
    bool explain_exit(unsigned long long count, std::int64_t at_ns) noexcept;
    bool explain_exit() noexcept;

private:
    std::atomic<unsigned long long> counted_;
    std::atomic<unsigned long long> used_;  // those that have explained a death, or are too old
    std::atomic<std::int64_t> rose_ns_ = 0; // when the count was last seen to have risen
};

} // namespace mp::detail
