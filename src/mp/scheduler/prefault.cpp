#include "mp/scheduler/prefault.hpp"

#include <new>

#include "mp/os/memory.hpp"

namespace mp::detail {

namespace {

constexpr std::uintptr_t section_bytes = 64 * 1024; // 16 pages
constexpr std::uintptr_t sections_in_region = 32;

} // namespace

void Prefault::map(const Job& job, std::size_t first, std::size_t last) noexcept {
    const auto map_values = [&](const void* values, std::size_t size, Use use) {
        // Of packed ones the size is 0. Of those that are larger than a page the function may not
        // touch every page, and then the others cost no memory.
        if (size != 0 && size <= os::page_size())
            map(static_cast<const std::byte*>(values) + first * size, (last - first) * size, use);
    };
    map_values(job.items, job.item_size, Use::read);
    map_values(job.results, job.result_size, Use::write);
}

void Prefault::map(const std::byte* data, std::size_t bytes, Use use) noexcept {
    const auto begin = reinterpret_cast<std::uintptr_t>(data);
    const std::uintptr_t first = (begin + section_bytes - 1) / section_bytes; // whole ones only
    const std::uintptr_t end = (begin + bytes) / section_bytes;
    if (first >= end) return;
    if (!regions_) regions_.reset(new (std::nothrow) Region[most]());
    if (!regions_) return;
    for (std::uintptr_t section = first; section < end; ++section) {
        std::uintptr_t after = section;
        while (after < end && add(after)) ++after;
        if (after == section) continue;
        auto* const from = reinterpret_cast<std::byte*>(section * section_bytes);
        const std::size_t size = (after - section) * section_bytes;
        if (use == Use::write)
            os::prefault_for_writing(from, size);
        else
            os::prefault_for_reading(from, size);
        section = after; // this one is known, or the end
    }
}

bool Prefault::add(std::uintptr_t section) noexcept {
    const std::uintptr_t number = section / sections_in_region;
    Region& region = regions_[number % most];
    if (region.number != number) region = {.number = number, .mapped = 0};
    const std::uint32_t bit = std::uint32_t{1} << section % sections_in_region;
    const bool is_new = (region.mapped & bit) == 0;
    region.mapped |= bit;
    return is_new;
}

} // namespace mp::detail
