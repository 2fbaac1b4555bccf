#include "mp/scheduler/result_heap.hpp"

#include <algorithm>
#include <new>

#include "mp/arena.hpp"

namespace mp::detail {

namespace {

constexpr std::uint32_t busy = ~std::uint32_t{0};
constexpr std::size_t alignment = alignof(std::max_align_t);

} // namespace

std::uint32_t ResultHeap::table_regions() const {
    return static_cast<std::uint32_t>((regions_ * sizeof(Region) + region - 1) / region);
}

void ResultHeap::open(std::byte* addresses, std::size_t size) {
    memory_ = addresses;
    regions_ = size / region;
}

std::uint32_t ResultHeap::acquire(std::uint32_t span) {
    const std::uint32_t first = table_regions();
    std::uint32_t found = 0;
    for (std::uint32_t i = first; i < regions_ && found < span; ++i) {
        std::uint32_t free = 0;
        if (at(i).refs.compare_exchange_strong(
                free, span == 1 ? 1 : busy, std::memory_order_acquire, std::memory_order_relaxed)) {
            ++found;
            if (found == span) {
                const std::uint32_t begin = i + 1 - span;
                for (std::uint32_t each = begin; each <= i; ++each) {
                    if (at(each).warm.load(std::memory_order_relaxed) != 0) continue;
                    if (!SharedArena::commit(memory_ + each * region, region)) {
                        for (std::uint32_t back = begin; back <= i; ++back)
                            at(back).refs.store(0, std::memory_order_release);
                        throw std::bad_alloc();
                    }
                    at(each).warm.store(1, std::memory_order_relaxed);
                }
                if (i >= touched_.load(std::memory_order_relaxed)) touched_.store(i + 1);
                at(begin).span.store(span, std::memory_order_relaxed);
                at(begin).refs.store(1, std::memory_order_release);
                return begin;
            }
        } else {
            for (; found != 0; --found) at(i - found).refs.store(0, std::memory_order_release);
        }
    }
    for (; found != 0; --found)
        at(static_cast<std::uint32_t>(regions_) - found).refs.store(0, std::memory_order_release);
    throw std::bad_alloc();
}

std::byte* ResultHeap::allocate(std::size_t bytes) {
    // Never zero bytes: each piece lies in one region, which its address identifies.
    const std::size_t rounded =
        (std::max<std::size_t>(bytes, 1) + alignment - 1) / alignment * alignment;
    if (rounded < bytes || rounded / region >= regions_) throw std::bad_alloc();
    if (rounded > region / 4) { // a region of its own, or several
        const auto span = static_cast<std::uint32_t>((rounded - 1) / region + 1);
        return memory_ + acquire(span) * region; // its single count belongs to the piece
    }
    std::uint32_t index = current_.load(std::memory_order_relaxed);
    std::uint32_t begin = used_.load(std::memory_order_relaxed);
    if (index == 0 || rounded > region - begin) {
        const std::uint32_t next = acquire(1);
        current_.store(next, std::memory_order_release);
        if (index != 0) decref(index);
        index = next;
        begin = 0;
    }
    at(index).refs.fetch_add(1, std::memory_order_relaxed);
    used_.store(begin + static_cast<std::uint32_t>(rounded), std::memory_order_relaxed);
    return memory_ + index * region + begin;
}

void ResultHeap::decref(std::uint32_t index) noexcept {
    Region& first = at(index);
    const std::uint32_t span = first.span.load(std::memory_order_relaxed);
    if (first.refs.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
    // From the last to the first: no one can take the whole again until the first is free.
    for (std::uint32_t i = index + span; i-- > index;) {
        std::uint32_t free = 0;
        if (i == index && !first.refs.compare_exchange_strong(free, busy)) return; // taken again
        if (i >= warm_regions && at(i).warm.load(std::memory_order_relaxed) != 0) {
            at(i).warm.store(0, std::memory_order_relaxed);
            SharedArena::drop(memory_ + i * region, region);
        }
        at(i).refs.store(0, std::memory_order_release);
    }
}

void ResultHeap::release(const std::byte* allocation) noexcept {
    auto index =
        static_cast<std::uint32_t>(static_cast<std::size_t>(allocation - memory_) / region);
    decref(index);
}

void ResultHeap::worker_exited() noexcept {
    if (const std::uint32_t index = current_.exchange(0); index != 0) decref(index);
    used_.store(0);
}

void ResultHeap::close() noexcept {
    if (const std::uint32_t end = touched_.load(); end != 0)
        SharedArena::drop(memory_, end * region);
}

} // namespace mp::detail
