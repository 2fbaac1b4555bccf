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

/// How the pool's owner waits. Of several threads that wait, one at a time watches the descriptors;
/// it wakes the others.
class OwnerWait {
public:
    /// What is done while a thread waits. All are called locked.
    struct Hooks {
        /// What to watch as well.
        std::function<std::vector<os::Watched>&()> descriptors;
        /// One of them is ready, or something else has happened. May throw, which ends the wait.
        std::function<void()> look;
        /// When to look at the latest, whatever happens.
        std::function<os::Deadline()> look_by;
        /// Before each look at what is waited for.
        std::function<void()> collect;
        /// Throws if nothing more is to be waited for.
        std::function<void()> check;
    };

    /// Errors: std::system_error.
    OwnerWait(EventCount& events, OwnerEvent& event, Notifier& notifier, Hooks hooks)
        : events_(events), event_(event), notifier_(notifier), hooks_(std::move(hooks)) {}

    /// Looks for some time without sleeping; unlocked. Whether it holds.
    bool spin(const std::function<bool()>& done);
    /// Blocks until `done`, which is called locked, or the deadline. Whether it holds.
    /// Errors: those of the hooks.
    bool wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& done,
              os::Deadline deadline);
    /// Something has changed that no worker tells of: all threads that wait look again.
    void notify() noexcept;

    /// What workers wake the owner by.
    const os::EventFd& descriptor() const { return descriptor_; }
    /// How long this process, and with it the workers, has been stopped in all; and when it last
    /// went on.
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
    std::atomic<std::int64_t> cold_wait_ns_ = 0; // when a wait last did not spin, as all slept
    std::int64_t stopped_ns_ = 0, resumed_ns_ = 0;
};

} // namespace mp::detail
