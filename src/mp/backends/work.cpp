#include "mp/backends/work.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <new>
#include <thread>

#include "mp/arena.hpp"
#include "mp/failure.hpp"
#include "mp/os/child.hpp"
#include "mp/os/cpu.hpp"
#include "mp/os/futex.hpp"
#include "mp/worker.hpp"

namespace mp::detail {

namespace {

using Clock = std::chrono::steady_clock;
constexpr auto spin_time = std::chrono::microseconds(50);
constexpr std::size_t outbox_step = std::size_t{1} << 20;

// The outbox: memory only this worker writes. What it gives out stays until the next job.
std::byte* outbox_take(Place& place, std::size_t bytes) {
    constexpr std::size_t alignment = alignof(std::max_align_t);
    const std::size_t used = place.outbox_used.load(std::memory_order_relaxed);
    const std::size_t rounded = (bytes + alignment - 1) / alignment * alignment;
    if (rounded < bytes || rounded > place.outbox_size - used) throw std::bad_alloc();
    const std::size_t committed = place.outbox_committed.load(std::memory_order_relaxed);
    if (used + rounded > committed) {
        const std::size_t more =
            std::min(place.outbox_size - committed,
                     (std::max(used + rounded - committed, std::min(committed, outbox_step * 16)) +
                      outbox_step - 1) /
                         outbox_step * outbox_step);
        if (!arena_commit(place.outbox + committed, more)) throw std::bad_alloc();
        place.outbox_committed.store(committed + more, std::memory_order_relaxed);
    }
    place.outbox_used.store(used + rounded, std::memory_order_release);
    return place.outbox + used;
}

FailureNote* write_down(Place& place, std::size_t item) noexcept {
    const Failure failure = current_failure();
    FailureNote note{item, os::current_pid(), failure.what.size(), failure.type_name.size(),
                     nullptr};
    try {
        std::byte* memory =
            outbox_take(place, sizeof(FailureNote) + note.what_size + note.type_size);
        char* text = reinterpret_cast<char*>(memory + sizeof(FailureNote));
        std::memcpy(text, failure.what.data(), note.what_size);
        std::memcpy(text + note.what_size, failure.type_name.data(), note.type_size);
        note.text = text;
        return ::new (memory) FailureNote(note);
    } catch (...) {
        note.what_size = note.type_size = 0;
        place.last_resort = note;
        return &place.last_resort;
    }
}

class Context final : public TaskContext {
public:
    Context(Place& place, Cell& cell) : place_(place), cell_(cell) {}
    std::byte* allocate(std::size_t bytes) override { return outbox_take(place_, bytes); }
    void failed(std::size_t item) noexcept override {
        const FailureNote* lowest = cell_.failure.load(std::memory_order_relaxed);
        if (lowest == nullptr || item < lowest->item)
            cell_.failure.store(write_down(place_, item), std::memory_order_release);
    }

private:
    Place& place_;
    Cell& cell_;
};

void ring_if_parked(Board& board, const Surroundings& around) {
    if (board.owner_parked.load(std::memory_order_seq_cst) != 0) around.ring_owner();
}

// Does what can be had of one job.
void work_on(Board& board, Posting& posting, std::uint32_t id, unsigned worker,
             const Surroundings& around) {
    Place& place = board.places[worker];
    Cell& cell = board.cell(id, worker);
    if (place.outbox_job.load(std::memory_order_relaxed) != id) {
        place.outbox_used.store(0, std::memory_order_relaxed);
        place.outbox_job.store(id, std::memory_order_relaxed);
    }
    Context context(place, cell);
    const Job& job = posting.job;
    ChunkTimer timer(place.times, place.record, id, os::current_pid());
    do {
        std::uint64_t grains = 0;
        const auto report = [&] {
            if (grains == 0) return;
            timer.report();
            const std::uint64_t done =
                posting.done.fetch_add(grains, std::memory_order_seq_cst) + grains;
            if (done == posting.grains || posting.audit.load(std::memory_order_seq_cst))
                ring_if_parked(board, around);
            grains = 0;
        };
        timer.resume();
        std::uint32_t grain = 0;
        while (take_own(cell, grain)) {
            const std::size_t first = grain * posting.grain;
            const std::size_t last = std::min(first + posting.grain, job.size);
            job.run(job, first, last, context);
            posting.flags[grain].store(finished_grain, std::memory_order_release);
            ++grains;
            timer.ran(first, last - first);
            if (posting.audit.load(std::memory_order_relaxed)) report();
        }
        report();
    } while (steal(board, id, worker));
}

// A turn at spinning: at most as many as leave a CPU free for whoever has work. Only the first 64
// workers may.
class SpinnersTurn {
public:
    SpinnersTurn(Board& board, unsigned worker)
        : board_(board), bit_(worker < 64 ? std::uint64_t{1} << worker : 0) {
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

void wait_for_bell(Board& board, unsigned worker, std::uint32_t seen) noexcept {
    const auto rang = [&] { return board.bell.load(std::memory_order_acquire) != seen; };
    if (rang()) return;
    if (SpinnersTurn turn(board, worker); turn) {
        const auto until = Clock::now() + spin_time;
        do {
            for (int i = 0; i < 100; ++i) {
                if (rang()) return;
                if (board.yield_instead)
                    std::this_thread::yield();
                else
                    os::relax();
            }
        } while (Clock::now() < until);
    }
    // Counted before it says so, and the other way round on the way out: who is killed in between
    // leaves the count too high, which costs a needless wake-up, never too low, which would cost a
    // hang.
    Place& place = board.places[worker];
    board.sleepers.fetch_add(1, std::memory_order_seq_cst);
    place.parked.store(1, std::memory_order_release);
    while (!rang()) os::futex_wait(board.bell, seen);
    place.parked.store(0, std::memory_order_release);
    board.sleepers.fetch_sub(1, std::memory_order_seq_cst);
}

} // namespace

bool start_worker(Board& board, unsigned worker, const Initializer& initializer,
                  const Surroundings& around) noexcept {
    Place& place = board.places[worker];
    place.times.began_ns.store(now_ns());
    set_worker(worker, around.backend);
    bool ready = true;
    try {
        initializer();
    } catch (...) {
        place.init_failure.store(write_down(place, 0), std::memory_order_release);
        ready = false;
    }
    place.times.ready_ns.store(now_ns());
    place.state.store(ready ? WorkerState::ready : WorkerState::failed, std::memory_order_seq_cst);
    ring_if_parked(board, around);
    return ready;
}

void serve(Board& board, unsigned worker, const Surroundings& around) noexcept {
    Place& place = board.places[worker];
    std::uint32_t seen = 0;
    for (;;) {
        const std::uint32_t id = board.bell.load(std::memory_order_acquire);
        if (board.order.load(std::memory_order_acquire) == Order::leave) {
            place.times.leave();
            return;
        }
        if (id == seen) {
            wait_for_bell(board, worker, seen);
            continue;
        }
        seen = id;
        Posting& posting = board.posting(id);
        // Announce first, then look: the owner withdraws first, then looks who is still inside.
        place.in_job.store(id, std::memory_order_seq_cst);
        if (posting.id.load(std::memory_order_seq_cst) == id)
            work_on(board, posting, id, worker, around);
        place.in_job.store(0, std::memory_order_seq_cst);
        if (posting.audit.load(std::memory_order_seq_cst)) ring_if_parked(board, around);
    }
}

} // namespace mp::detail
