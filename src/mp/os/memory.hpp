#pragma once

#include <cstddef>

namespace mp::os {

struct Reservation {
    std::byte* data = nullptr;
    std::size_t size = 0;
};

std::size_t page_size() noexcept;

/// Reserves addresses for memory that forked children share: the size requested, or the largest
/// half, quarter, ... of it that the system grants. Uses no memory until it is committed. Errors:
/// std::system_error.
Reservation reserve_shared(std::size_t size);
/// Gives the addresses and their memory back.
void release(const Reservation& memory) noexcept;

/// Provides pages for [data, data + size), page-aligned, so that a later write cannot fail. Returns
/// false, with errno set, when there are none: an error now instead of SIGBUS later.
bool commit(std::byte* data, std::size_t size) noexcept;

/// Maps the pages of [data, data + size) into this process in one call, which costs far less than a
/// page fault for each. Only for speed: does nothing if the kernel cannot. REQUIRES: this process
/// may write (read) all of it.
void prefault_for_writing(void* data, std::size_t size) noexcept;
void prefault_for_reading(const void* data, std::size_t size) noexcept;

/// Asks for huge pages within memory that is about to be written for the first time, all of it.
/// Only for speed: the kernel may have none.
void prefer_huge_pages(void* data, std::size_t size) noexcept;

/// Gives the pages of [data, data + size) back; they read as zeros when committed or read again.
/// Returns false if the kernel refuses; they are then unchanged.
bool discard(std::byte* data, std::size_t size) noexcept;

} // namespace mp::os
