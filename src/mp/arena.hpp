#pragma once

#include <cstddef>

namespace mp::detail {

/// Memory that this process and every child it forks later see at the same address.
///
/// The addresses are reserved once, before the first fork; pages come when a block is taken and go
/// back when it is released, but for a bounded amount (arena_keeps) that stays warm for the next
/// block of its size. Each process that allocates has an arena of its own; a child's does not touch
/// its parent's. Thread-safety: all functions may be called from any thread.

/// Bytes of released blocks that keep their pages, for speed.
inline constexpr std::size_t arena_keeps = std::size_t{512} << 20;

struct SharedBlock {
    std::byte* data = nullptr;
    std::size_t size = 0; ///< usable bytes; at least what was asked for
};

/// Takes a block, aligned to 64 bytes, to a page from a page on; contents arbitrary.
/// Errors: std::system_error (ENOMEM), before anything is touched, when the machine or the cgroup
/// has too little.
SharedBlock arena_take(std::size_t bytes);

/// Takes addresses only, of zeroed memory; their user commits them bit by bit with arena_commit,
/// and drops them before the release.
SharedBlock arena_take_addresses(std::size_t bytes);

/// Takes zeroed memory; from some hundred kilobytes on its pages come when they are written, and
/// then the system may have no more. Errors: as above, for what is short now.
SharedBlock arena_take_zeroed(std::size_t bytes);

/// Gives back a block that was taken for this number of bytes. In a process that did not take it:
/// does nothing.
void arena_release_zeroed(std::byte* data, std::size_t bytes) noexcept;

/// Provides pages for the first `bytes` of a range within arena_take_addresses(); false when there
/// are none.
bool arena_commit(std::byte* data, std::size_t bytes) noexcept;

/// Drops the pages of a page-aligned range within arena_take_addresses().
void arena_drop(std::byte* data, std::size_t bytes) noexcept;

/// Gives a block back. In a process that did not take it: does nothing.
void arena_release(SharedBlock block) noexcept;

/// Whether all of [data, data + bytes) lies in the arena that the children of this process see.
bool arena_contains(const void* data, std::size_t bytes) noexcept;

/// The reserved size in bytes.
std::size_t arena_size();

} // namespace mp::detail
