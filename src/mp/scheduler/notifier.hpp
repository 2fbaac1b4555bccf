#pragma once

#include <atomic>
#include <cstdint>

#include "mp/scheduler/event_count.hpp"
#include "mp/scheduler/worker_stats.hpp"

namespace mp::detail {

/// Wakes workers for the pool's owner, and remembers what that implies for the next wait.
/// Thread-safety: protected by the owner's lock; all_slept() from any thread.
class Notifier {
public:
    explicit Notifier(EventCount& events) : events_(events) {}

    /// There is work for `count` workers.
    void notify(std::uint64_t count) noexcept {
        if (events_.notify(count)) all_slept_.store(true, std::memory_order_relaxed);
    }
    /// There is one more task. A worker that is awake checks the queue before it sleeps; only
    /// sleeping workers need the event. While one is awake, another that polls need not be woken.
    void notify_task() noexcept {
        if (events_.has_waiters() && !(events_.has_poller() && poller_is_in_time())) notify(1);
    }
    /// Returns, once, whether all workers slept and the latest work had to wake one.
    bool all_slept() noexcept {
        return all_slept_.load(std::memory_order_relaxed) &&
               all_slept_.exchange(false, std::memory_order_relaxed);
    }

private:
    // A polling worker comes soon, unless it was stopped: then others are woken.
    bool poller_is_in_time() noexcept {
        if (++skipped_ % 16 != 0) return true; // reading the clock takes time, too
        const std::int64_t now = now_ns();
        if (now - skipping_since_ns_ < 2 * cold_ns) return true;
        skipping_since_ns_ = now;
        return false;
    }

    EventCount& events_;
    std::atomic<bool> all_slept_ = false;
    std::uint32_t skipped_ = 0; // tasks that woke no worker because one was polling
    std::int64_t skipping_since_ns_ = 0;
};

} // namespace mp::detail
