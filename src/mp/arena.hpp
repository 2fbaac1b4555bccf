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

/// Memory from a SharedArena. Its end gives the memory back; in a process that did not take it, it
/// does nothing.
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
    /// Usable bytes; at least what was asked for.
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
    std::size_t zeroed_ = 0; // bytes whose pages the user may have written, and which go at the end
};

/// Memory that a process and every child it forks later see at the same address.
///
/// The addresses are reserved once, before the first fork; pages come when a block is taken and go
/// back when it is released, except for a bounded amount (`keeps`) that stays warm for the next
/// block of its size. Each process that allocates has an arena of its own; a child does not touch
/// its parent's. Thread-safety: all functions may be called from any thread.
class SharedArena {
public:
    /// Bytes of released blocks that keep their pages, for speed.
    static constexpr std::size_t keeps = std::size_t{512} << 20;

    /// The arena of this process. Errors: std::system_error.
    static SharedArena& own();

    SharedArena();

    /// Takes a block, aligned to 64 bytes, to a page from a page on; contents arbitrary.
    /// Errors: std::system_error (ENOMEM), before anything is touched, when the machine or the
    /// cgroup has too little.
    SharedBlock take(std::size_t bytes);
    /// Takes addresses only, of zeroed memory; the user commits them bit by bit with commit(), and
    /// drops them before the block ends.
    SharedBlock take_addresses(std::size_t bytes);
    /// Takes zeroed memory; from some hundred kilobytes on its pages come when they are written,
    /// and then the system may have no more. Errors: as above, for what is short now.
    SharedBlock take_zeroed(std::size_t bytes);

    /// Provides pages for the first `bytes` of a range within take_addresses(); false when there
    /// are none.
    static bool commit(std::byte* data, std::size_t bytes) noexcept;
    /// Drops the pages of a page-aligned range within take_addresses().
    static void drop(std::byte* data, std::size_t bytes) noexcept;

    /// Whether all of [data, data + bytes) lies in this arena.
    bool contains(const void* data, std::size_t bytes) const noexcept;
    /// The reserved size in bytes.
    std::size_t size() const { return memory_.size; }
    /// The process that made it.
    pid_t owner() const { return owner_; }

private:
    friend class SharedBlock;
    struct Extent {
        std::byte* data = nullptr;
        std::size_t pages = 0; // bytes from the start that have pages
    };
    using Free = std::vector<Extent>;

    Free& free_of(std::size_t size);
    void release(const SharedBlock& block) noexcept;
    [[noreturn]] void no_room(std::size_t bytes) const;
    std::byte* carve(std::size_t size);
    std::byte* take_small(std::size_t size);
    Extent take_extent(std::size_t size);

    std::mutex mutex_;
    os::Reservation memory_;
    std::size_t used_ = 0;
    std::size_t kept_ = 0;
    std::array<Free, 64> free_;               // by the logarithm of their size
    std::map<std::byte*, std::size_t> pages_; // taken blocks that are not from a slab
    pid_t owner_;
};

/// The block's memory, for as long as someone has the pointer.
std::shared_ptr<void> shared_pointer(SharedBlock block);

} // namespace mp::detail
