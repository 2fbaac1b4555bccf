#include "mp/scheduler/owner_wait.hpp"

#include <algorithm>
#include <chrono>

#include "mp/interrupt_event.hpp"

namespace mp::detail {

namespace {

constexpr auto spin_time = std::chrono::microseconds(30);

os::Deadline earlier(os::Deadline a, os::Deadline b) {
    return a && b ? std::min(*a, *b) : a ? a : b;
}

// Sleeps until one of the descriptors is ready or the time is over. A timed sleep is divided into
// short pieces, so that a stop by Ctrl-Z is noticed; its length does not count.
os::Clock::duration sleep(std::vector<os::Watched>& watched, os::Deadline until) {
    constexpr auto slice = std::chrono::milliseconds(100);
    constexpr auto late = std::chrono::milliseconds(50); // more than the delay on a busy machine
    if (!until) {
        os::wait_ready(watched, until);
        return {};
    }
    for (;;) {
        const auto start = os::Clock::now();
        const auto wake = std::max(start, std::min(*until, start + slice)); // it may be long past
        const bool ready = os::wait_ready(watched, wake);
        const auto now = os::Clock::now();
        if (now > wake + late) return now - wake;
        if (ready || now >= *until || now < wake) return {};
    }
}

} // namespace

bool OwnerWait::spin(const std::function<bool()>& done) {
    // Waking up takes longer than spinning is worth, and the worker may need this very CPU. But a
    // caller that comes back soon wants all to stay awake.
    if (notifier_.all_slept()) {
        const std::int64_t now = now_ns();
        if (now - cold_wait_ns_.exchange(now, std::memory_order_relaxed) > cold_ns) return done();
    }
    struct Spinning {
        OwnerEvent& event;
        explicit Spinning(OwnerEvent& e) : event(e) { event.begin_spin(); }
        ~Spinning() { event.end_spin(); }
    } const spinning(event_);
    const auto until = os::Clock::now() + spin_time;
    do {
        for (int i = 0; i < 100; ++i) {
            if (done()) return true;
            events_.relax();
        }
    } while (os::Clock::now() < until);
    return false;
}

// The one thread that sleeps on the descriptors, while it does.
class OwnerWait::Watching {
public:
    explicit Watching(OwnerWait& wait) : wait_(wait) {
        wait_.watching_ = true;
        wait_.event_.prepare_wait();
    }
    ~Watching() {
        wait_.watching_ = false;
        wait_.event_.cancel_wait();
        wait_.changed_.notify_all();
    }
    Watching(const Watching&) = delete;
    Watching& operator=(const Watching&) = delete;

private:
    OwnerWait& wait_;
};

bool OwnerWait::wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& done,
                     os::Deadline deadline) {
    const auto is_late = [&] { return deadline && os::Clock::now() >= *deadline; };
    for (;;) {
        hooks_.collect();
        if (done()) return true;
        hooks_.check();
        if (watching_) {
            if (is_late()) return false;
            if (deadline)
                changed_.wait_until(lock, *deadline);
            else
                changed_.wait(lock);
            continue;
        }
        const Watching watching(*this);
        hooks_.collect();
        if (done()) return true; // it may have happened before the event was requested
        watch(lock, deadline);
        hooks_.look();
        if (is_late()) { // only after a check: a worker may have died
            hooks_.collect();
            return done();
        }
    }
}

// Sleeps, unlocked, until there is something to check. Time for which the process was stopped is
// added to the deadline.
void OwnerWait::watch(std::unique_lock<std::mutex>& lock, os::Deadline& deadline) {
    std::vector<os::Watched> watched = hooks_.descriptors();
    const std::size_t extra = watched.size();
    watched.push_back(os::watch(descriptor_.descriptor()));
    watched.push_back(os::watch(interrupt_event().descriptor()));
    const os::Deadline until = earlier(deadline, hooks_.look_by());
    lock.unlock();
    const auto stopped = sleep(watched, until);
    lock.lock();
    if (stopped > stopped.zero()) {
        if (deadline) *deadline += std::min(stopped, os::Clock::time_point::max() - *deadline);
        stopped_ns_ += std::chrono::nanoseconds(stopped).count();
        resumed_ns_ = now_ns();
    }
    if (os::is_ready(watched[extra])) descriptor_.clear();
    std::vector<os::Watched>& now = hooks_.descriptors();
    if (now.size() != extra) return;
    for (std::size_t i = 0; i < extra; ++i)
        if (now[i].fd == watched[i].fd) now[i].revents = watched[i].revents;
}

void OwnerWait::notify() noexcept {
    changed_.notify_all();
    descriptor_.notify();
}

} // namespace mp::detail
