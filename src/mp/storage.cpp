#include "mp/storage.hpp"

#include <cstring>

#include "mp/os/memory.hpp"

namespace mp::detail {

std::size_t bytes_for(std::size_t count, std::size_t size) {
    if (count > static_cast<std::size_t>(-1) / 2 / size)
        throw std::length_error(
            "mp::Pool: the items need more memory than there are addresses; give fewer at once, or "
            "use imap");
    return count * size;
}

void expect_to_fill(void* data, std::size_t bytes) noexcept {
    // From here on malloc maps each block by itself, so that no other memory is affected.
    constexpr std::size_t mapped_by_itself = std::size_t{32} << 20;
    if (bytes >= mapped_by_itself) os::prefer_huge_pages(data, bytes);
}

void PackedValues::copy_to(Packed* table, std::byte* data) const {
    if (bytes() != 0) std::memcpy(data, archive_.data(), bytes());
    std::size_t begin = 0;
    for (const std::size_t end : ends_) {
        ::new (static_cast<void*>(table++)) Packed{data + begin, end - begin};
        begin = end;
    }
}

void clear_results(const Job& job) noexcept {
    if (job.has_packed_results()) std::memset(job.results, 0, job.size * sizeof(Packed));
}

void release_results(Executor& executor, const Job& job, std::size_t first,
                     std::size_t count) noexcept {
    if (!job.has_packed_results()) return;
    auto* const packed = static_cast<Packed*>(job.results);
    for (std::size_t i = first; i < first + count; ++i)
        if (const std::byte* data = std::exchange(packed[i].data, nullptr); data != nullptr)
            executor.release(data);
}

} // namespace mp::detail
