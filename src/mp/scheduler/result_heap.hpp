#pragma once

/// Memory that one worker hands out for packed results and failures, and the owner gives back.

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace mp::detail {

/// A result heap is a stretch of addresses, cut into regions of equal size. The worker fills one
/// after the other; a region is free again when everything in it has been released. Larger pieces
/// take several neighbours. The table of the regions stands in the first of them.
///
/// Each region has one count: its pieces that are still needed, and one for the worker while it
/// fills it. Whoever takes the count to zero frees the region. A worker that dies leaves its region
/// behind; ResultHeap::worker_exited() lets go of it, and what it had not yet handed over stays
/// until the pool ends.
class ResultHeap {
public:
    static constexpr std::size_t region = std::size_t{1} << 18;
    // Regions below this one keep their pages when they are free.
    static constexpr std::uint32_t warm_regions = 16;

    /// Gives it `size` bytes of addresses. Errors: std::bad_alloc.
    void open(std::byte* addresses, std::size_t size);
    /// Its addresses.
    const std::byte* data() const noexcept { return memory_; }
    std::size_t size() const noexcept { return regions_ * region; }
    /// Memory for one piece, aligned for any type; the worker's. Errors: std::bad_alloc.
    std::byte* allocate(std::size_t bytes);
    /// One piece that allocate() gave is not needed any more; the owner's.
    void release(const std::byte* allocation) noexcept;
    /// The worker is gone.
    void worker_exited() noexcept;
    /// Drops all pages; nobody uses it any more.
    void close() noexcept;

private:
    struct Region {
        std::atomic<std::uint32_t> refs; // pieces, and 1 while it is filled; `busy`: hands off
        std::atomic<std::uint32_t> span; // regions of a large piece, told by the first
        std::atomic<std::uint32_t> warm; // its pages are there
    };

    Region& at(std::uint32_t index) const { return reinterpret_cast<Region*>(memory_)[index]; }
    std::uint32_t acquire(std::uint32_t span);
    void decref(std::uint32_t index) noexcept;
    std::uint32_t table_regions() const;

    std::byte* memory_;   // aligned to a page; addresses, of which pages are committed as needed
    std::size_t regions_; // how many
    std::atomic<std::uint32_t> current_; // the region that the worker fills; 0: none
    std::atomic<std::uint32_t> used_;    // bytes of it
    std::atomic<std::uint32_t> touched_; // no region from here on was ever filled
};

} // namespace mp::detail
