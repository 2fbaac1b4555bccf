#pragma once

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "mp/os/memory.hpp"

namespace mp::detail {

class SharedArena;

/// Memory from a SharedArena, given back by the destructor. In a process that did not take it, the
/// destructor does nothing.
class SharedBlock {
public:
    SharedBlock() = default;
    SharedBlock(SharedBlock&& other) noexcept { swap(other); }
    SharedBlock& operator=(SharedBlock&& other) noexcept {
        SharedBlock old(std::move(*this));
        swap(other);
        return *this;
    }
    ~SharedBlock();

    explicit operator bool() const { return data_ != nullptr; }
    std::byte* data() const { return data_; }
    /// Usable bytes: at least the number requested.
    std::size_t size() const { return size_; }

private:
    friend class SharedArena;
    SharedBlock(SharedArena& arena, std::byte* data, std::size_t size)
        : arena_(&arena), data_(data), size_(size) {}
    void swap(SharedBlock& other) noexcept {
        std::swap(arena_, other.arena_);
        std::swap(data_, other.data_);
        std::swap(size_, other.size_);
        std::swap(zeroed_, other.zeroed_);
    }

    SharedArena* arena_ = nullptr;
    std::byte* data_ = nullptr;
    std::size_t size_ = 0;
    std::size_t zeroed_ =
        0; // bytes whose pages the user may have written; they are dropped at the end
};

/// Memory that a process and every child it forks later see at the same address.
///
/// The addresses are reserved once, before the first fork. Pages are provided when a block is taken
/// and given back when it is released, except for a bounded amount (`keeps`) that stays warm for
/// the next block of its size. Each process that allocates has its own arena; a child does not
/// touch its parent's. Thread-safety: all functions may be called from any thread.
class SharedArena {
public:
    /// Bytes of released blocks that keep their pages, for speed.
    static constexpr std::size_t keeps = std::size_t{512} << 20;

    /// The arena of this process. Errors: std::system_error.
    static SharedArena& own();

    ~SharedArena();
    SharedArena(const SharedArena&) = delete;
    SharedArena& operator=(const SharedArena&) = delete;

    /// Takes a block with arbitrary contents, aligned to 64 bytes, or to a page if it is at least
    /// that large. Errors: std::system_error (ENOMEM), before anything is touched, when the machine
    /// or the cgroup has too little memory.
    SharedBlock take(std::size_t bytes);
    /// Takes only addresses, of zeroed memory. The user commits them piece by piece with commit()
    /// and drops them before the block ends.
    SharedBlock take_addresses(std::size_t bytes);
    /// Takes zeroed memory. From a few hundred kilobytes on, pages are provided only when they are
    /// written, and the system may have run out by then. Errors: as above, for what is missing now.
    SharedBlock take_zeroed(std::size_t bytes);

    /// Provides pages for the first `bytes` of a range within take_addresses(). Returns false when
    /// there are none.
    static bool commit(std::byte* data, std::size_t bytes) noexcept;
    /// Drops the pages of a page-aligned range within take_addresses().
    static void drop(std::byte* data, std::size_t bytes) noexcept;

    /// Returns whether all of [data, data + bytes) lies in this arena.
    bool contains(const void* data, std::size_t bytes) const noexcept;
    /// The reserved size in bytes.
    std::size_t size() const { return memory_.size; }
    /// The process that made it.
    pid_t owner() const { return owner_; }

private:
    friend class SharedBlock;
    struct Extent {
        std::byte* data = nullptr;
        std::size_t pages = 0; // bytes from the start that are backed by pages
    };
    /// Memory in units of one size: what is free, and how many there are in all.
    struct Free {
        std::vector<Extent> extents; // with room for all of them
        std::size_t made = 0;
    };

    explicit SharedArena(const SharedArena* parents);
    Free& free_of(std::size_t size);
    void release(const SharedBlock& block) noexcept;
    [[noreturn]] void no_room(std::size_t bytes) const;
    std::byte* carve(std::size_t size);
    std::byte* take_small(std::size_t size);
    Extent take_extent(std::size_t size);
    static void make_room(Free& free, std::size_t more);
    void put_back(const Extent& extent, std::size_t size) noexcept;

    std::mutex mutex_;
    os::Reservation memory_;
    std::size_t used_ = 0;
    std::size_t kept_ = 0;
    std::array<Free, 64> free_;               // indexed by the logarithm of their size
    std::map<std::byte*, std::size_t> pages_; // taken blocks that are not from a slab
    pid_t owner_;
    [[maybe_unused]] const SharedArena* parents_; // in a child; so that it is no leak
};

/// The block's memory, valid as long as a copy of the pointer exists.
std::shared_ptr<void> shared_pointer(SharedBlock block);

} // namespace mp::detail
