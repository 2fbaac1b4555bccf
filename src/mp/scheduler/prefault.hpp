#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "mp/backend.hpp"

namespace mp::detail {

/// Of one worker: maps the pages of a chunk's items and results before the chunk runs, in one call,
/// where this worker has not used them yet. Else each page costs a page fault, which takes longer
/// than the short items in it. Items that are larger than a page are left alone. Only for speed.
/// Thread-safety: for one thread.
class Prefault {
public:
    /// For items first .. last - 1 of the job.
    void map(const Job& job, std::size_t first, std::size_t last) noexcept;

private:
    enum class Use { read, write };
    /// A region of addresses, with a bit for each of its sections that has been mapped.
    struct Region {
        std::uintptr_t number = 0;
        std::uint32_t mapped = 0;
    };

    void map(const std::byte* data, std::size_t bytes, Use use) noexcept;
    /// Returns whether the section was new.
    bool add(std::uintptr_t section) noexcept;

    static constexpr std::size_t most = 1024;

    /// By number; of two that meet, the later one is remembered. Made when it is first needed, as
    /// most workers see no large chunk.
    std::unique_ptr<Region[]> regions_;
};

} // namespace mp::detail
