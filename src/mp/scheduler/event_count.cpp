#include "mp/scheduler/event_count.hpp"

#include <bit>
#include <chrono>
#include <thread>

#include "mp/os/cpu.hpp"
#include "mp/os/futex.hpp"

namespace mp::detail {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto spinning_pays = std::chrono::microseconds(50);
constexpr long poll_ns = 200'000;
constexpr int poll_times = 5;

// Whether another has tasks that it has taken and not begun. Who is still taking some will look for
// waiters afterwards; who is done with it has stored the range before it withdrew the theft.
bool can_be_stolen(SharedState& shared, unsigned worker) {
    for (unsigned i = 0; i < shared.processes; ++i) {
        const RangeDeque& deque = shared.task_deque(i);
        (void)deque.stealing.load(std::memory_order_seq_cst);
        if (i != worker && !Range::of(deque.range.load(std::memory_order_seq_cst)).empty())
            return true;
    }
    return false;
}

// A turn at spinning: only where every worker that is awake has a CPU, and the owner too. Only the
// first 64 workers may.
class SpinPermit {
public:
    SpinPermit(SharedState& shared, unsigned worker)
        : shared_(shared), bit_(worker < 64 ? std::uint64_t{1} << worker : 0) {
        if (shared.processes >
            shared.waiters.load(std::memory_order_relaxed) + shared.spinners_allowed)
            return;
        std::uint64_t seen = shared.spinners.load(std::memory_order_relaxed);
        while (bit_ != 0 && static_cast<unsigned>(std::popcount(seen)) < shared.spinners_allowed)
            if (shared.spinners.compare_exchange_weak(seen, seen | bit_)) {
                granted_ = true;
                return;
            }
    }
    ~SpinPermit() {
        if (granted_) shared_.spinners.fetch_and(~bit_);
    }
    explicit operator bool() const { return granted_; }

private:
    SharedState& shared_;
    std::uint64_t bit_;
    bool granted_ = false;
};

// Whether `over` came to hold within the time that spinning is worth.
template <class F> bool spin_until(const SharedState& shared, F over) {
    const auto until = Clock::now() + spinning_pays;
    do {
        for (int i = 0; i < 100; ++i) {
            if (over()) return true;
            if (shared.yield_instead)
                std::this_thread::yield();
            else
                os::relax();
        }
    } while (Clock::now() < until);
    return false;
}

// Small tasks that come one by one keep another worker busy, and waking this one for each would
// cost more than they do. So at first it looks by itself, now and then. Whether it found something.
template <class F>
bool poll(SharedState& shared, unsigned worker, std::uint32_t seen, F notified) noexcept {
    const std::uint64_t bit = worker < 64 ? std::uint64_t{1} << worker : 0;
    if (bit == 0) return false;
    const auto found = [&] { return notified() || can_be_stolen(shared, worker); };
    shared.pollers.fetch_or(bit, std::memory_order_seq_cst);
    for (int i = 0; i < poll_times && !found(); ++i) os::futex_wait(shared.epoch, seen, poll_ns);
    shared.pollers.fetch_and(~bit, std::memory_order_seq_cst);
    return found(); // after the bit: nobody was woken meanwhile on its account
}

} // namespace

bool wait_for_work(SharedState& shared, unsigned worker, std::uint32_t seen,
                   bool may_spin) noexcept {
    const auto notified = [&] {
        return shared.epoch.load(std::memory_order_seq_cst) != seen || shared.queue.has_unclaimed();
    };
    if (notified()) return false;
    if (may_spin)
        if (const SpinPermit permit(shared, worker); permit && spin_until(shared, notified))
            return false;
    // Counted before it says so, and the other way round on the way out: who is killed in between
    // leaves the count too high, which costs a needless wake-up, never too low, which would cost a
    // hang.
    WorkerSlot& worker_slot = shared.worker_slots[worker];
    shared.waiters.fetch_add(1, std::memory_order_seq_cst);
    worker_slot.waiting.store(1, std::memory_order_release);
    const std::int64_t asleep = now_ns();
    if (!poll(shared, worker, seen, notified))
        while (!notified()) os::futex_wait(shared.epoch, seen);
    worker_slot.waiting.store(0, std::memory_order_release);
    shared.waiters.fetch_sub(1, std::memory_order_seq_cst);
    return now_ns() - asleep > cold_ns;
}

} // namespace mp::detail
