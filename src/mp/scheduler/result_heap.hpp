#pragma once

/// Memory from which one worker allocates packed results and failures, and which the owner
/// releases.

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace mp::detail {

/// A result heap is a range of addresses, divided into regions of equal size. The worker fills one
/// after the other; a region is free again when everything in it has been released. Larger pieces
/// take several adjacent regions. The table of the regions is in the first of them.
///
/// Each region has one reference count: the pieces that are still needed, plus one for the worker
/// while it fills the region. Whoever takes the count to zero frees the region. A worker that dies
/// leaves its region behind; worker_exited() releases the worker's count. What it had not handed
/// over stays until the pool ends.
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
    /// Memory for one piece, aligned for any type. Worker only. Errors: std::bad_alloc.
    std::byte* allocate(std::size_t bytes);
    /// Releases one piece from allocate(). Owner only.
    void release(const std::byte* allocation) noexcept;
    /// The worker has ended.
    void worker_exited() noexcept;
    /// Drops all pages, once no process uses them any more.
    void close() noexcept;

private:
    struct Region {
        std::atomic<std::uint32_t>
            refs; // pieces, plus 1 while it is being filled; `busy`: being changed
        std::atomic<std::uint32_t> span; // number of regions of a large piece, stored in the first
        std::atomic<std::uint32_t> warm; // it has pages
    };

    Region& at(std::uint32_t index) const { return reinterpret_cast<Region*>(memory_)[index]; }
    std::uint32_t acquire(std::uint32_t span);
    void decref(std::uint32_t index) noexcept;
    std::uint32_t table_regions() const;

    std::byte* memory_;                  // aligned to a page; pages are committed as needed
    std::size_t regions_;                // the number of regions
    std::atomic<std::uint32_t> current_; // the region that the worker fills; 0: none
    std::atomic<std::uint32_t> used_;    // bytes used in it
    std::atomic<std::uint32_t> touched_; // no region from here on was ever filled
};

} // namespace mp::detail
