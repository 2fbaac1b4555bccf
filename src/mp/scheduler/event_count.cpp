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
constexpr long doze_ns = 200'000;
constexpr int doze_times = 5;

// Whether another has tasks that it has taken and not begun. Who is still taking some will look for
// sleepers afterwards; who is done with it has stored the range before it withdrew the theft.
bool can_be_stolen(Board& board, unsigned worker) {
    for (unsigned i = 0; i < board.processes; ++i) {
        const Cell& cell = board.queue_cell(i);
        (void)cell.theft.load(std::memory_order_seq_cst);
        if (i != worker && !Range::of(cell.range.load(std::memory_order_seq_cst)).empty())
            return true;
    }
    return false;
}

// A turn at spinning: only where every worker that is awake has a CPU, and the owner too. Only the
// first 64 workers may.
class SpinnersTurn {
public:
    SpinnersTurn(Board& board, unsigned worker)
        : board_(board), bit_(worker < 64 ? std::uint64_t{1} << worker : 0) {
        if (board.processes >
            board.sleepers.load(std::memory_order_relaxed) + board.spinners_allowed)
            return;
        std::uint64_t seen = board.spinners.load(std::memory_order_relaxed);
        while (bit_ != 0 && static_cast<unsigned>(std::popcount(seen)) < board.spinners_allowed)
            if (board.spinners.compare_exchange_weak(seen, seen | bit_)) {
                granted_ = true;
                return;
            }
    }
    ~SpinnersTurn() {
        if (granted_) board_.spinners.fetch_and(~bit_);
    }
    explicit operator bool() const { return granted_; }

private:
    Board& board_;
    std::uint64_t bit_;
    bool granted_ = false;
};

// Whether `over` came to hold within the time that spinning is worth.
template <class F> bool spin_until(const Board& board, F over) {
    const auto until = Clock::now() + spinning_pays;
    do {
        for (int i = 0; i < 100; ++i) {
            if (over()) return true;
            if (board.yield_instead)
                std::this_thread::yield();
            else
                os::relax();
        }
    } while (Clock::now() < until);
    return false;
}

// Small tasks that come one by one keep another worker busy, and waking this one for each would
// cost more than they do. So at first it looks by itself, now and then. Whether it found something.
template <class F> bool doze(Board& board, unsigned worker, std::uint32_t seen, F rang) noexcept {
    const std::uint64_t bit = worker < 64 ? std::uint64_t{1} << worker : 0;
    if (bit == 0) return false;
    const auto found = [&] { return rang() || can_be_stolen(board, worker); };
    board.dozers.fetch_or(bit, std::memory_order_seq_cst);
    for (int i = 0; i < doze_times && !found(); ++i) os::futex_wait(board.bell, seen, doze_ns);
    board.dozers.fetch_and(~bit, std::memory_order_seq_cst);
    return found(); // after the bit: nobody was woken meanwhile on its account
}

} // namespace

bool wait_for_bell(Board& board, unsigned worker, std::uint32_t seen, bool may_spin) noexcept {
    const auto rang = [&] {
        return board.bell.load(std::memory_order_seq_cst) != seen || board.queue.has_unclaimed();
    };
    if (rang()) return false;
    if (may_spin)
        if (const SpinnersTurn turn(board, worker); turn && spin_until(board, rang)) return false;
    // Counted before it says so, and the other way round on the way out: who is killed in between
    // leaves the count too high, which costs a needless wake-up, never too low, which would cost a
    // hang.
    Place& place = board.places[worker];
    board.sleepers.fetch_add(1, std::memory_order_seq_cst);
    place.parked.store(1, std::memory_order_release);
    const std::int64_t asleep = now_ns();
    if (!doze(board, worker, seen, rang))
        while (!rang()) os::futex_wait(board.bell, seen);
    place.parked.store(0, std::memory_order_release);
    board.sleepers.fetch_sub(1, std::memory_order_seq_cst);
    return now_ns() - asleep > cold_ns;
}

} // namespace mp::detail
