#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <chrono>
#include <cstdint>
#include <thread>

#include "mp/os/cpu.hpp"
#include "mp/scheduler/atomics.hpp"

namespace mp::detail {

/// A thread that slept longer than this starts cold: it does not spin at once.
inline constexpr std::int64_t cold_ns = 1'000'000;

/// How idle workers wait for work and are woken.
///
/// A worker takes the key, then looks for work. If it finds none, it spins for a while, then says
/// that it waits, looks once more, polls, and at last sleeps until the key is out of date. A
/// publisher of work publishes it first, then looks whether a worker waits. All of these accesses
/// are sequentially consistent, so that they are in one order: either the publisher sees the
/// waiter, or the waiter sees what was published. No wake-up is lost.
///
/// A worker may be killed at any point. It increments the count before it sets its own word, and
/// leaves in the reverse order. If it dies in between, the count stays too high, which costs a
/// needless wake-up. It is never too low, which would cost a hang.
///
/// The names are those of folly's EventCount and Taskflow's notifier.
template <class Atomics = SystemAtomics> class BasicEventCount {
    template <class T> using Atomic = typename Atomics::template Atomic<T>;

public:
    /// The number of notifications so far.
    using Key = std::uint32_t;

    /// A worker's own word: whether it is among the waiters.
    class Waiter {
        friend class BasicEventCount;
        Atomic<std::uint32_t> waiting_;
    };

    void open(unsigned workers, unsigned usable_cpus) noexcept {
        workers_ = workers;
        spinners_allowed_ = std::max(1U, usable_cpus - 1);
        yields_ = usable_cpus < 2;
    }

    // ---- For the worker that waits.

    /// To be taken before the look for work. Sequentially consistent, and so is the look.
    Key key() const noexcept { return epoch_.load(std::memory_order_seq_cst); }
    bool is_notified(Key since) const noexcept { return key() != since; }

    /// Spins until `over()` is true, for as long as spinning is worthwhile and a CPU is free for
    /// it. Returns whether it is true.
    template <class F> bool spin(unsigned worker, F over) noexcept {
        const SpinPermit permit(*this, worker);
        if (!permit) return false;
        const auto until = Clock::now() + spin_time;
        do {
            for (int i = 0; i < 100; ++i) {
                if (over()) return true;
                relax();
            }
        } while (Clock::now() < until);
        return false;
    }

    /// Blocks until there has been a notification since `key`, `is_there()` is true, or a poll
    /// finds `can_steal()` true. All three are checked again after the worker has registered as a
    /// waiter.
    template <class F, class G>
    void wait(unsigned worker, Waiter& waiter, Key key, F is_there, G can_steal) noexcept {
        const auto over = [&] { return is_notified(key) || is_there(); };
        prepare_wait(waiter);
        if (!poll(worker, key, [&] { return over() || can_steal(); }))
            while (!over()) commit_wait(key);
        cancel_wait(waiter);
    }

    /// Registers the worker as a waiter. The caller must check once more before commit_wait().
    void prepare_wait(Waiter& waiter) noexcept {
        waiters_.fetch_add(1, std::memory_order_seq_cst);
        waiter.waiting_.store(1, std::memory_order_release); // after the count: see above
    }
    /// Sleeps unless there has been a notification since `key`. May return early.
    void commit_wait(Key key) noexcept { Atomics::wait(epoch_, key); }
    /// The worker is no longer a waiter.
    void cancel_wait(Waiter& waiter) noexcept {
        waiter.waiting_.store(0, std::memory_order_release);
        waiters_.fetch_sub(1, std::memory_order_seq_cst);
    }

    /// Pauses the CPU between two checks, or yields it where there is only one.
    void relax() const noexcept {
        if (yields_)
            std::this_thread::yield();
        else
            os::relax();
    }
    /// Returns whether there is only one CPU: a worker that spins then keeps the others from
    /// running.
    bool yields() const noexcept { return yields_; }

    // ---- For publishers of work. The work must have been published before.

    /// Whether anyone waits. Sequentially consistent: after what was published.
    bool has_waiters() const noexcept { return waiters_.load(std::memory_order_seq_cst) != 0; }
    /// Returns whether a waiter will check again by itself, while another worker is awake. If that
    /// worker is busy, the waiter will come soon.
    bool has_poller() const noexcept {
        return pollers_.load(std::memory_order_seq_cst) != 0 &&
               waiters_.load(std::memory_order_seq_cst) < workers_;
    }
    /// Wakes `count` workers. Returns whether all of them were asleep.
    bool notify(std::uint64_t count) noexcept {
        epoch_.fetch_add(1, std::memory_order_seq_cst); // for a worker that is about to sleep
        if (!has_waiters()) return false;
        count -= call_spinners(count);
        if (count == 0) return false;
        const bool all = waiters_.load(std::memory_order_relaxed) >= workers_; // a hint
        Atomics::wake(epoch_, static_cast<int>(std::min<std::uint64_t>(count, workers_)));
        return all;
    }
    /// Wakes a sleeping worker, unless another checks by itself.
    void notify_one() noexcept {
        epoch_.fetch_add(1, std::memory_order_seq_cst);
        Atomics::wake(epoch_, 1);
    }
    bool must_notify_one() const noexcept {
        return has_waiters() && pollers_.load(std::memory_order_seq_cst) == 0;
    }
    /// Wakes all, including those that spin.
    void notify_all() noexcept {
        epoch_.fetch_add(1, std::memory_order_seq_cst);
        Atomics::wake(epoch_, static_cast<int>(workers_));
    }

    /// The worker has died and counts no more. Other workers can take the work it should have done
    /// after the caller's notify().
    void waiter_died(unsigned worker, Waiter& waiter) noexcept {
        if (waiter.waiting_.exchange(0, std::memory_order_seq_cst) != 0)
            waiters_.fetch_sub(1, std::memory_order_seq_cst);
        spinners_.fetch_and(~bit_of(worker), std::memory_order_seq_cst);
        pollers_.fetch_and(~bit_of(worker), std::memory_order_seq_cst);
    }

    std::uint32_t waiters() const noexcept { return waiters_.load(std::memory_order_seq_cst); }

private:
    using Clock = std::chrono::steady_clock;
    static constexpr auto spin_time = std::chrono::microseconds(50);
    static constexpr long poll_ns = 200'000;
    static constexpr int poll_times = Atomics::poll_times;

    /// Only the first 64 workers, which have a bit, spin and poll.
    static std::uint64_t bit_of(unsigned worker) noexcept {
        return worker < 64 ? std::uint64_t{1} << worker : 0;
    }

    // Permission to spin: only if every worker that is awake, and the pool's owner, has a CPU.
    class SpinPermit {
    public:
        SpinPermit(BasicEventCount& events, unsigned worker) noexcept
            : events_(events), bit_(bit_of(worker)) {
            const unsigned allowed = events.spinners_allowed_;
            // Relaxed: hints. The exchange keeps the number within bounds.
            if (events.workers_ > events.waiters_.load(std::memory_order_relaxed) + allowed) return;
            std::uint64_t seen = events.spinners_.load(std::memory_order_relaxed);
            while (bit_ != 0 && static_cast<unsigned>(std::popcount(seen)) < allowed)
                if (events.spinners_.compare_exchange_weak(seen, seen | bit_,
                                                           std::memory_order_seq_cst)) {
                    granted_ = true;
                    return;
                }
        }
        ~SpinPermit() {
            if (granted_) events_.spinners_.fetch_and(~bit_, std::memory_order_seq_cst);
        }
        SpinPermit(const SpinPermit&) = delete;
        SpinPermit& operator=(const SpinPermit&) = delete;
        explicit operator bool() const { return granted_; }

    private:
        BasicEventCount& events_;
        std::uint64_t bit_;
        bool granted_ = false;
    };

    // Small tasks that arrive one by one keep another worker busy, and waking this one for each
    // would cost more than they do. So it first polls a few times. Returns whether it found
    // something.
    template <class F> bool poll(unsigned worker, Key key, F found) noexcept {
        const std::uint64_t bit = bit_of(worker);
        if (bit == 0) return false;
        pollers_.fetch_or(bit, std::memory_order_seq_cst);
        for (int i = 0; i < poll_times && !found(); ++i) Atomics::wait(epoch_, key, poll_ns);
        pollers_.fetch_and(~bit, std::memory_order_seq_cst);
        return found(); // checked after the bit is cleared: until then it stood for a worker that
                        // will look
    }

    // A spinning worker comes by itself, but only once: its bit is cleared, so that the next
    // notification does not count on it as well. Returns how many of them come, at most `most`.
    std::uint64_t call_spinners(std::uint64_t most) noexcept {
        std::uint64_t called = 0;
        std::uint64_t spinning = spinners_.load(std::memory_order_seq_cst);
        for (; called != most && spinning != 0; spinning &= spinning - 1) {
            const std::uint64_t bit = spinning & (~spinning + 1);
            if ((spinners_.fetch_and(~bit, std::memory_order_seq_cst) & bit) != 0) ++called;
        }
        return called;
    }

    unsigned workers_ = 0;
    unsigned spinners_allowed_ = 1;
    bool yields_ = false;
    alignas(line) Atomic<std::uint32_t> epoch_;    // counts notifications; the idle sleep on it
    alignas(line) Atomic<std::uint32_t> waiters_;  // at least the number of sleepers
    alignas(line) Atomic<std::uint64_t> spinners_; // one bit for each of the first 64 workers
    Atomic<std::uint64_t> pollers_; // likewise: waiters that will soon check again by themselves
};

using EventCount = BasicEventCount<>;

/// Whether the pool's owner sleeps, and how many of its threads are awake and wait for results. A
/// worker that has finished something looks at the first; the owner says that it is going to sleep,
/// and then looks for what is finished. Both are sequentially consistent, as in EventCount.
template <class Atomics = SystemAtomics> class BasicOwnerEvent {
    template <class T> using Atomic = typename Atomics::template Atomic<T>;

public:
    /// The owner is about to sleep: it must look once more after this.
    void prepare_wait() noexcept { waiting_.store(1, std::memory_order_seq_cst); }
    /// Relaxed: a worker that still sees the 1 notifies once too often.
    void cancel_wait() noexcept { waiting_.store(0, std::memory_order_relaxed); }
    /// Whether the caller, a worker, must wake the owner: of several, one.
    bool must_notify() noexcept {
        // The load first: an exchange would take the cache line away from all others.
        return waiting_.load(std::memory_order_seq_cst) != 0 &&
               waiting_.exchange(0, std::memory_order_seq_cst) != 0;
    }

    /// Relaxed, with the two below: a hint.
    bool is_spinning() const noexcept { return spinning_.load(std::memory_order_relaxed) != 0; }
    void begin_spin() noexcept { spinning_.fetch_add(1, std::memory_order_relaxed); }
    void end_spin() noexcept { spinning_.fetch_sub(1, std::memory_order_relaxed); }

private:
    alignas(line) Atomic<std::uint32_t> waiting_;
    alignas(line) Atomic<std::uint32_t> spinning_;
};

using OwnerEvent = BasicOwnerEvent<>;

} // namespace mp::detail
