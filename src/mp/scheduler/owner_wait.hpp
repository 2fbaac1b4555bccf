#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <vector>

#include "mp/os/event.hpp"
#include "mp/scheduler/event_count.hpp"
#include "mp/scheduler/notifier.hpp"

namespace mp::detail {

/// How the pool's owner waits. If several threads wait, one at a time watches the descriptors and
/// wakes the others.
class OwnerWait {
public:
    /// What happens while a thread waits. All are called with the lock held.
    struct Hooks {
        /// Further descriptors to watch.
        std::function<std::vector<os::Watched>&()> descriptors;
        /// A descriptor is ready, or something else has happened. May throw, which ends the wait.
        std::function<void()> look;
        /// The latest time of the next check.
        std::function<os::Deadline()> look_by;
        /// Called before each check of the condition.
        std::function<void()> collect;
        /// Throws if waiting is pointless.
        std::function<void()> check;
    };

    /// Errors: std::system_error.
    OwnerWait(EventCount& events, OwnerEvent& event, Notifier& notifier, Hooks hooks)
        : events_(events), event_(event), notifier_(notifier), hooks_(std::move(hooks)) {}

    /// Checks for some time without sleeping; unlocked. Returns whether it is true.
    bool spin(const std::function<bool()>& done);
    /// Blocks until `done()`, called with the lock held, is true, or until the deadline. Returns
    /// whether it is true. Errors: those of the hooks.
    bool wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& done,
              os::Deadline deadline);
    /// Something has changed that no worker reports: all waiting threads check again.
    void notify() noexcept;

    /// The event by which workers wake the owner.
    const os::EventFd& descriptor() const { return descriptor_; }
    /// The total time for which this process, and with it the workers, has been stopped; and when
    /// it last continued.
    std::int64_t stopped_ns() const { return stopped_ns_; }
    std::int64_t resumed_ns() const { return resumed_ns_; }

private:
    class Watching;
    void watch(std::unique_lock<std::mutex>& lock, os::Deadline& deadline);

    EventCount& events_;
    OwnerEvent& event_;
    Notifier& notifier_;
    Hooks hooks_;
    os::EventFd descriptor_;
    std::condition_variable changed_;
    bool watching_ = false;                      // a thread sleeps on the descriptors
    std::atomic<std::int64_t> cold_wait_ns_ = 0; // when a wait last did not spin because all slept
    std::int64_t stopped_ns_ = 0, resumed_ns_ = 0;
};

} // namespace mp::detail
