#pragma once

#include <atomic>
#include <cstdint>

#include "mp/scheduler/event_count.hpp"
#include "mp/scheduler/worker_stats.hpp"

namespace mp::detail {

/// Wakes workers for the pool's owner, and remembers what that says about the next wait.
/// Thread-safety: as the owner's lock allows; all_slept() from any thread.
class Notifier {
public:
    explicit Notifier(EventCount& events) : events_(events) {}

    /// There is work for `count` workers.
    void notify(std::uint64_t count) noexcept {
        if (events_.notify(count)) all_slept_.store(true, std::memory_order_relaxed);
    }
    /// There is one more task. A worker that is awake looks at the queue before it sleeps; the
    /// event is for those that do. While one is awake, another that polls need not be woken.
    void notify_task() noexcept {
        if (events_.has_waiters() && !(events_.has_poller() && poller_is_in_time())) notify(1);
    }
    /// Whether the latest work had to wake a worker up, as all slept. Says so once.
    bool all_slept() noexcept {
        return all_slept_.load(std::memory_order_relaxed) &&
               all_slept_.exchange(false, std::memory_order_relaxed);
    }

private:
    // A worker that polls will come soon, unless it was stopped: then others are called.
    bool poller_is_in_time() noexcept {
        if (++skipped_ % 16 != 0) return true; // the clock takes its time, too
        const std::int64_t now = now_ns();
        if (now - skipping_since_ns_ < 2 * cold_ns) return true;
        skipping_since_ns_ = now;
        return false;
    }

    EventCount& events_;
    std::atomic<bool> all_slept_ = false;
    std::uint32_t skipped_ = 0; // tasks that woke nobody, as a worker polled
    std::int64_t skipping_since_ns_ = 0;
};

} // namespace mp::detail
