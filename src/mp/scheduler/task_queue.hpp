#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "mp/backend.hpp"
#include "mp/scheduler/atomics.hpp"
#include "mp/scheduler/range_deque.hpp"

namespace mp::detail {

/// The submitted tasks, in a ring buffer. The pool's owner submits at the end; a worker claims a
/// few positions at the front as its own range, from which others may steal. The worker that has
/// run the task at a position empties its entry, which can then be reused.
///
/// A task holds its own state: the worker that changes it from open to running runs it. So the
/// pool's owner may submit again a task that a dead worker might have held, even if others hold it
/// too.
///
/// After a death the owner may empty an entry whose position a live worker holds, and use it again
/// for a later position. So an entry says which position it is of, and a worker empties it by an
/// exchange, which fails where the entry is another's by then.
template <class Task, class Atomics = SystemAtomics, std::uint32_t Capacity = 1U << 20>
class BasicTaskQueue {
    template <class T> using Atomic = typename Atomics::template Atomic<T>;

public:
    using Deque = BasicRangeDeque<Atomics>;
    using Entry = Atomic<std::uint64_t>; // 0: empty
    static constexpr std::uint32_t capacity = Capacity;
    /// The most positions that a worker claims at once.
    static constexpr std::uint32_t most_claimed = 32;

    /// Gives it the memory of its ring: zeroed, `capacity` entries, or as many as it will need.
    void open(Entry* entries) noexcept { entries_ = entries; }

    // ---- For the pool's owner, one thread at a time.

    /// Whether the next entry is empty. Acquire: the worker that emptied it is done with the task.
    bool has_room() const noexcept { return is_empty(end()); }
    /// The position of the next task. Relaxed: only the caller writes it.
    std::uint32_t end() const noexcept { return published_.load(std::memory_order_relaxed); }
    bool is_empty(std::uint32_t position) const noexcept {
        return entry(position).load(std::memory_order_acquire) == 0;
    }
    /// REQUIRES: has_room().
    void submit(Task& task) noexcept {
        const std::uint32_t at = end();
        entry(at).store(word_of(at, &task),
                        std::memory_order_relaxed); // published by the next store
        // Release: a worker that claims the position sees the task. Sequentially consistent: the
        // caller looks for waiters next, and a worker that is about to sleep does the reverse; one
        // of them sees the other.
        published_.store(at + 1, std::memory_order_seq_cst);
    }
    /// Claims all that is left, without running it. Workers may claim meanwhile.
    void discard_unclaimed() noexcept {
        claimed_.store(published_.load(std::memory_order_seq_cst), std::memory_order_seq_cst);
    }
    /// The owner of `deque` has died: empties the entries it held, and calls `requeue` for each
    /// task that it had not begun. REQUIRES: the state of the task it was running says what happens
    /// to it; the deque has not been taken back.
    template <class F> void owner_died(Deque& deque, F requeue) {
        const auto remains = deque.owner_died();
        const Range rest = deque.take_rest();
        take_out(remains.claimed, requeue);
        take_out(rest, requeue);
        take_out(remains.announced, requeue);
    }

    // ---- For workers.

    /// Returns whether there are unclaimed tasks. Sequentially consistent: see submit().
    bool has_unclaimed() const noexcept {
        return published_.load(std::memory_order_seq_cst) !=
               claimed_.load(std::memory_order_seq_cst);
    }
    /// Moves some positions from the front into `mine`, which is empty; returns how many.
    /// `workers`: the number that share the queue.
    std::uint32_t claim(Deque& mine, unsigned workers) noexcept {
        // Acquire: what is published is read afterwards, so it is not behind.
        std::uint32_t front = claimed_.load(std::memory_order_acquire);
        for (bool announced = false;;) {
            // Acquire: with a position comes its entry.
            const std::uint32_t waiting = published_.load(std::memory_order_acquire) - front;
            if (waiting == 0) {
                if (announced) mine.withdraw();
                return 0;
            }
            const std::uint32_t some = std::clamp(waiting / (2 * workers), 1U, most_claimed);
            mine.announce({front, front + some});
            announced = true;
            // Sequentially consistent: in one order with the announcement, and with the looks of a
            // worker that is about to sleep.
            if (claimed_.compare_exchange_strong(front, front + some, std::memory_order_seq_cst,
                                                 std::memory_order_acquire)) {
                mine.receive({front, front + some});
                return some;
            }
        }
    }
    /// The task at a position that the caller has claimed; null: it has been taken out.
    /// Relaxed: the claim has made it visible.
    Task* at(std::uint32_t position) const noexcept {
        return task_of(position, entry(position).load(std::memory_order_relaxed));
    }
    /// Empties the entry if the task is still in it.
    void remove(std::uint32_t position, const Task* task) noexcept {
        std::uint64_t word = word_of(position, task);
        // Release: the caller is done with the task, before the entry is used again.
        entry(position).compare_exchange_strong(word, 0, std::memory_order_release,
                                                std::memory_order_relaxed);
    }

private:
    Entry& entry(std::uint32_t position) const { return entries_[position % capacity]; }

    // An address has 52 bits at most; above it stands how often the ring had been round, modulo
    // 4096, so that positions differ as long as 2^32 - 1 others do not come between them.
    static constexpr int address_bits = 52;
    static std::uint64_t lap_of(std::uint32_t position) noexcept {
        return std::uint64_t{position / capacity} << address_bits;
    }
    static std::uint64_t word_of(std::uint32_t position, const Task* task) noexcept {
        return lap_of(position) ^ reinterpret_cast<std::uintptr_t>(task);
    }
    static Task* task_of(std::uint32_t position, std::uint64_t word) noexcept {
        if (word == 0 || (word ^ lap_of(position)) >> address_bits != 0) return nullptr;
        return reinterpret_cast<Task*>(static_cast<std::uintptr_t>(word ^ lap_of(position)));
    }

    template <class F> void take_out(Range positions, F& requeue) {
        for (std::uint32_t at = positions.low; at != positions.high; ++at) {
            Task* const task = task_of(at, entry(at).load(std::memory_order_acquire));
            if (task == nullptr) continue;
            // One that is running needs no entry: its worker knows it. The entry may even be of a
            // task before, which has ended, and whose memory was used again.
            if (task->status.is_open()) requeue(*task);
            // Only this thread fills it, so it is the same one still, or empty.
            entry(at).store(0, std::memory_order_release);
        }
    }

    Entry* entries_ = nullptr;
    alignas(line) Atomic<std::uint32_t> published_; // the position after the last; owner only
    alignas(line) Atomic<std::uint32_t> claimed_;   // the position after the last taken
};

using TaskQueue = BasicTaskQueue<TaskSlot>;

} // namespace mp::detail
