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

/// Provides pages for [data, data + size), page-aligned, so that a later write cannot fail. Returns
/// false, with errno set, when there are none: an error now instead of SIGBUS later.
bool commit(std::byte* data, std::size_t size) noexcept;

/// Gives the pages of [data, data + size) back; they read as zeros when committed or read again.
/// Returns false if the kernel refuses; they are then unchanged.
bool discard(std::byte* data, std::size_t size) noexcept;

} // namespace mp::os
