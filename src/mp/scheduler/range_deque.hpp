#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "mp/scheduler/atomics.hpp"

namespace mp::detail {

/// Grains, or positions in the queue, low .. high - 1, in one word.
struct Range {
    std::uint32_t low = 0;
    std::uint32_t high = 0;

    std::uint64_t word() const { return std::uint64_t{low} << 32 | high; }
    static Range of(std::uint64_t word) {
        return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word)};
    }
    std::uint32_t size() const { return high - low; } // positions in the queue wrap around
    bool empty() const { return low == high; }
    bool operator==(const Range&) const = default;
};

/// A worker's range of consecutive grains, in memory that all workers share. Its owner pops at the
/// low end; other workers steal at the high end.
///
/// The range is one atomic word, so every claim is one compare-and-swap, and the word is itself the
/// record of which worker holds what. The owner may be killed between any two instructions. What it
/// may have held is then base .. low - 1, its latest claim; the range itself; and the range that it
/// has announced to take from elsewhere. It announces before the other side shrinks, and withdraws
/// the announcement after its own range has grown: what it dies with is always in one of the three.
///
/// Source: the steal-half deque is after Hendler and Shavit, "Non-blocking steal-half work queues",
/// PODC 2002.
template <class Atomics = SystemAtomics> class BasicRangeDeque {
    template <class T> using Atomic = typename Atomics::template Atomic<T>;

public:
    /// What a dead owner may have held, besides the range that others can still steal.
    struct Remains {
        Range claimed;   ///< the latest claim; it may have finished any part of it
        Range announced; ///< empty, or a range that is in this deque, elsewhere, or nowhere
        bool emptied;    ///< take_back() may have taken the range, and `claimed` is not known
    };

    /// Gives the owner a range. REQUIRES: no worker looks at this deque.
    void push(Range range) noexcept {
        // Relaxed: only the owner and, after its death, the pool's owner read these two.
        base_.store(range.low, std::memory_order_relaxed);
        announced_.store(0, std::memory_order_relaxed);
        // Release: a worker that sees the range sees what the pusher wrote before, such as the job.
        range_.store(range.word(), std::memory_order_release);
    }

    /// Takes up to `most` grains from the low end; empty when there are none. Owner only.
    Range pop(std::uint32_t most) noexcept {
        // Relaxed: a guess, which the exchange verifies.
        std::uint64_t seen = range_.load(std::memory_order_relaxed);
        for (;;) {
            const Range range = Range::of(seen);
            if (range.empty()) return {};
            const std::uint32_t middle = range.low + std::min(most, range.size());
            // Before the exchange: an owner that dies between the two has claimed nothing. Release
            // keeps it there for the compiler; the exchange, which is a release too, for the CPU.
            base_.store(range.low, std::memory_order_release);
            // Acquire: grains that recovery has given back come with what it wrote about them.
            if (range_.compare_exchange_weak(seen, Range{middle, range.high}.word(),
                                             std::memory_order_acq_rel, std::memory_order_relaxed))
                return {range.low, middle};
        }
    }

    /// Moves the upper half of `victim` into this deque. False: it has none. Owner only. REQUIRES:
    /// this deque is empty.
    bool steal_from(BasicRangeDeque& victim) noexcept {
        std::uint64_t seen = victim.range_.load(std::memory_order_relaxed); // a guess, as in pop()
        bool announced = false;
        for (;;) {
            const Range range = Range::of(seen);
            if (range.empty()) {
                if (announced) withdraw();
                return false;
            }
            const std::uint32_t middle = range.high - (range.size() + 1) / 2;
            announce({middle, range.high});
            announced = true;
            // Sequentially consistent: in one order with the announcement, and with the looks of a
            // worker that is about to sleep.
            if (victim.range_.compare_exchange_strong(seen, Range{range.low, middle}.word(),
                                                      std::memory_order_seq_cst,
                                                      std::memory_order_relaxed)) {
                receive({middle, range.high});
                return true;
            }
        }
    }

    /// The three steps by which a range moves here from elsewhere: announce() before it is taken
    /// there, then receive() or withdraw(). Owner only.
    void announce(Range range) noexcept {
        // Sequentially consistent: no look at the other side may come before it.
        announced_.store(range.word(), std::memory_order_seq_cst);
    }
    void receive(Range range) noexcept {
        // Each a release, so that they appear in this order: a thief that dies in between has no
        // claim that its announcement does not cover.
        base_.store(range.low, std::memory_order_release);
        // Sequentially consistent: the owner looks next whether another sleeps that could steal a
        // part of it; see has_stealable().
        range_.store(range.word(), std::memory_order_seq_cst);
        announced_.store(0, std::memory_order_release);
    }
    void withdraw() noexcept { announced_.store(0, std::memory_order_release); }

    /// How many grains there are. A hint: it may have changed, so relaxed is enough.
    std::uint32_t size() const noexcept {
        return Range::of(range_.load(std::memory_order_relaxed)).size();
    }
    /// Whether others could steal something. Sequentially consistent, for a worker that is about to
    /// sleep: it looks after it has said so, and a worker that receives a range looks for waiters
    /// afterwards. The announcement is read first: once it is withdrawn, the range is there.
    bool has_stealable() const noexcept {
        (void)announced_.load(std::memory_order_seq_cst);
        return !Range::of(range_.load(std::memory_order_seq_cst)).empty();
    }
    /// Returns whether the owner holds something, or is about to. For the pool's owner.
    bool is_in_use() const noexcept {
        return announced_.load(std::memory_order_seq_cst) != 0 || has_stealable();
    }

    /// Takes all that the owner has not claimed. For the pool's owner.
    Range take_back() noexcept { return Range::of(range_.exchange(0, std::memory_order_seq_cst)); }

    /// The owner has died: what it may have held. Others may steal meanwhile; they move the high
    /// end, never the low one. For the pool's owner, which the death of the other, as the kernel
    /// tells it, has made the only one to look at the rest.
    Remains owner_died() noexcept {
        const Range announced = Range::of(announced_.exchange(0, std::memory_order_seq_cst));
        const std::uint64_t seen = range_.load(std::memory_order_seq_cst);
        const std::uint32_t low = Range::of(seen).low;
        // A thief has claimed nothing, and its base may be that of the announced range already.
        const std::uint32_t base = announced.empty() ? base_.load(std::memory_order_acquire) : low;
        base_.store(low, std::memory_order_release); // the next owner has claimed nothing
        return {{base, low}, announced, seen == 0};
    }
    /// Also takes what others could still steal from the dead owner. REQUIRES: owner_died().
    Range take_rest() noexcept {
        base_.store(0, std::memory_order_release); // as for a deque that never had anything
        return take_back();
    }
    /// Gives back the grains from `low` on that the dead owner had claimed.
    void give_back(std::uint32_t low) noexcept {
        std::uint64_t seen = range_.load(std::memory_order_relaxed);
        // Release: a worker that pops or steals them sees what recovery wrote about them.
        while (!range_.compare_exchange_weak(seen, Range{low, Range::of(seen).high}.word(),
                                             std::memory_order_seq_cst)) {
        }
        base_.store(low, std::memory_order_release);
    }

private:
    Atomic<std::uint64_t> range_;     // its owner takes from the low end, thieves from the high end
    Atomic<std::uint32_t> base_;      // where the owner's latest claim began; the owner's
    Atomic<std::uint64_t> announced_; // what the owner is about to take from elsewhere; 0: nothing
};

using RangeDeque = BasicRangeDeque<>;

} // namespace mp::detail
