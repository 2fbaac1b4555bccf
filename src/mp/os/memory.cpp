#include "mp/os/memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "mp/os/syscall.hpp"

// Since Linux 5.14. An older kernel answers EINVAL, and the pages are touched instead.
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

namespace mp::os {

std::size_t page_size() noexcept {
    static const auto size = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
    return size;
}

Reservation reserve_shared(std::size_t size) {
    constexpr std::size_t least = std::size_t{1} << 20;
    for (;; size /= 2) {
        // Anonymous and shared: no name, no descriptor, nothing that another process could shrink.
        void* data = call(Call::mmap, [&] {
            return ::mmap(nullptr, size, PROT_READ | PROT_WRITE,
                          MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        });
        if (data != MAP_FAILED) {
            ::madvise(data, size, MADV_DONTDUMP);
            return {static_cast<std::byte*>(data), size};
        }
        if (size / 2 < least) fail("reserve addresses for shared memory");
    }
}

bool commit(std::byte* data, std::size_t size) noexcept {
    if (retry(Call::madvise, [&] { return ::madvise(data, size, MADV_POPULATE_WRITE); }) == 0)
        return true;
    if (errno != EINVAL) return false;
    for (std::size_t at = 0; at < size; at += page_size())
        static_cast<volatile std::byte*>(data)[at] = std::byte{0};
    return true;
}

bool discard(std::byte* data, std::size_t size) noexcept {
    return size == 0 ||
           retry(Call::madvise, [&] { return ::madvise(data, size, MADV_REMOVE); }) == 0;
}

} // namespace mp::os
