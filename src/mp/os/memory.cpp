#include "mp/os/memory.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "mp/os/syscall.hpp"

// Since Linux 5.14. An older kernel answers EINVAL, and the pages are touched instead.
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_READ 22
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

void release(const Reservation& memory) noexcept {
    call(Call::munmap, [&] { return ::munmap(memory.data, memory.size); });
}

bool commit(std::byte* data, std::size_t size) noexcept {
    if (retry(Call::madvise, [&] { return ::madvise(data, size, MADV_POPULATE_WRITE); }) == 0)
        return true;
    if (errno != EINVAL) return false;
    for (std::size_t at = 0; at < size; at += page_size())
        static_cast<volatile std::byte*>(data)[at] = std::byte{0};
    return true;
}

namespace {

// The whole pages, of `page` bytes each, within [data, data + size).
Reservation whole_pages(const void* data, std::size_t size, std::size_t page) {
    const auto begin = reinterpret_cast<std::uintptr_t>(data);
    const std::uintptr_t first = (begin + page - 1) / page * page;
    const std::uintptr_t last = (begin + size) / page * page;
    if (last <= first) return {};
    return {reinterpret_cast<std::byte*>(first), last - first};
}

void advise(const Reservation& range, int advice) noexcept {
    if (range.size != 0) (void)::madvise(range.data, range.size, advice);
}

} // namespace

void prefault_for_writing(void* data, std::size_t size) noexcept {
    advise(whole_pages(data, size, page_size()), MADV_POPULATE_WRITE);
}

void prefault_for_reading(const void* data, std::size_t size) noexcept {
    advise(whole_pages(data, size, page_size()), MADV_POPULATE_READ);
}

void prefer_huge_pages(void* data, std::size_t size) noexcept {
    constexpr std::size_t huge = std::size_t{2} << 20; // of x86-64, and of aarch64 with 4 KiB pages
    advise(whole_pages(data, size, huge), MADV_HUGEPAGE);
}

bool discard(std::byte* data, std::size_t size) noexcept {
    enum class Known { nothing, honest, ignores }; // of the kernel, or of what stands in for it
    static std::atomic<Known> known{Known::nothing};
    const auto remove = [&](std::size_t bytes) {
        return retry(Call::madvise, [&] { return ::madvise(data, bytes, MADV_REMOVE); }) == 0;
    };
    if (size == 0) return true;
    switch (known.load(std::memory_order_relaxed)) {
    case Known::honest:
        return remove(size);
    case Known::ignores:
        return false;
    case Known::nothing:
        break;
    }
    // The emulator qemu-user takes this advice for a hint, ignores it, and reports success.
    auto& first = *static_cast<volatile std::byte*>(data);
    const std::byte before = first;
    first = std::byte{1};
    const bool done = remove(size);
    if (done && first == std::byte{0}) {
        known = Known::honest;
        (void)remove(std::min(size, page_size())); // it was just read, so it is there again
        return true;
    }
    if (done) known = Known::ignores;
    first = before;
    return false;
}

} // namespace mp::os
