#include "mp/arena.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <system_error>
#include <vector>

#include "mp/os/child.hpp"
#include "mp/os/limits.hpp"
#include "mp/os/memory.hpp"

namespace mp::detail {

namespace {

// Thread Sanitizer keeps only a part of the address space for the program.
#if defined(__SANITIZE_THREAD__)
constexpr std::size_t reserved = std::size_t{1} << 36;
#else
constexpr std::size_t reserved = std::size_t{1} << 42;
#endif
constexpr std::size_t smallest = 64;
constexpr std::size_t slab = std::size_t{256} << 10; // small blocks are cut from slabs
constexpr std::size_t worth_asking = std::size_t{64} << 20;

std::size_t class_size(std::size_t bytes) { return std::bit_ceil(std::max(bytes, smallest)); }
std::size_t to_pages(std::size_t bytes) {
    return (bytes + os::page_size() - 1) / os::page_size() * os::page_size();
}

// As os::discard, and where the kernel refuses, by hand.
void clear(std::byte* data, std::size_t bytes) noexcept {
    if (!os::discard(data, bytes)) std::memset(data, 0, bytes);
}

[[noreturn]] void no_memory(std::size_t bytes, const std::string& why) {
    throw std::system_error(ENOMEM, std::generic_category(),
                            "mp: cannot provide " + std::to_string(bytes) +
                                " bytes of shared memory: " + why);
}

void check_memory_for(std::size_t bytes) {
    if (bytes < worth_asking) return;
    if (const os::Limit limit = os::memory_limit(); bytes > limit.count)
        no_memory(bytes, limit.name + " has " + std::to_string(limit.count) + " left");
}

class SharedArena {
public:
    SharedArena() : memory_(os::reserve_shared(reserved)), owner_(os::current_pid()) {}

    pid_t owner() const { return owner_; }
    std::size_t size() const { return memory_.size; }
    bool contains(const void* data, std::size_t bytes) const {
        auto at = reinterpret_cast<std::uintptr_t>(data);
        auto low = reinterpret_cast<std::uintptr_t>(memory_.data);
        return at >= low && at - low <= memory_.size && bytes <= memory_.size - (at - low);
    }

    SharedBlock take(std::size_t bytes, bool with_pages) {
        if (bytes > memory_.size) no_room(bytes);
        const std::size_t size = with_pages ? class_size(bytes) : class_size(std::max(bytes, slab));
        std::lock_guard lock(mutex_);
        if (size <= slab / 2 && with_pages) return {take_small(size), size};
        Free& free = free_[static_cast<std::size_t>(std::countr_zero(size))];
        Extent extent;
        if (!free.empty()) {
            extent = free.back();
            free.pop_back();
            kept_ -= extent.pages;
            if (!with_pages && extent.pages != 0) {
                clear(extent.data, extent.pages);
                extent.pages = 0;
            }
        } else {
            extent = {carve(size), 0};
        }
        if (with_pages && to_pages(bytes) > extent.pages) {
            try {
                commit(extent, to_pages(bytes));
            } catch (...) {
                free.push_back(extent);
                kept_ += extent.pages;
                throw;
            }
        }
        pages_[extent.data] = extent.pages;
        return {extent.data, size};
    }

    void release(SharedBlock block) noexcept {
        std::lock_guard lock(mutex_);
        Free& free = free_[static_cast<std::size_t>(std::countr_zero(block.size))];
        auto found = pages_.find(block.data);
        if (found == pages_.end()) { // from a slab, which stays
            free.push_back({block.data, 0});
            return;
        }
        Extent extent{block.data, found->second};
        pages_.erase(found);
        if (kept_ + extent.pages > arena_keeps && os::discard(extent.data, extent.pages))
            extent.pages = 0;
        kept_ += extent.pages;
        free.push_back(extent);
    }

private:
    struct Extent {
        std::byte* data = nullptr;
        std::size_t pages = 0; // bytes from the start that have pages
    };
    using Free = std::vector<Extent>;

    [[noreturn]] void no_room(std::size_t bytes) const {
        no_memory(bytes, "only " + std::to_string(memory_.size) +
                             " bytes of addresses are reserved (ulimit -v?)");
    }

    std::byte* carve(std::size_t size) {
        std::size_t at = (used_ + os::page_size() - 1) / os::page_size() * os::page_size();
        if (size > memory_.size || at > memory_.size - size) no_room(size);
        used_ = at + size;
        return memory_.data + at;
    }

    std::byte* take_small(std::size_t size) {
        Free& free = free_[static_cast<std::size_t>(std::countr_zero(size))];
        if (free.empty()) {
            Extent fresh{carve(slab), 0};
            commit(fresh, slab);
            for (std::size_t at = slab; at >= size; at -= size)
                free.push_back({fresh.data + at - size, 0});
        }
        std::byte* data = free.back().data;
        free.pop_back();
        return data;
    }

    static void commit(Extent& extent, std::size_t pages) {
        const std::size_t more = pages - extent.pages;
        check_memory_for(more);
        if (!os::commit(extent.data + extent.pages, more)) {
            const int error = errno;
            (void)os::discard(extent.data + extent.pages, more);
            no_memory(more, std::generic_category().message(error));
        }
        extent.pages = pages;
    }

    std::mutex mutex_;
    os::Reservation memory_;
    std::size_t used_ = 0;
    std::size_t kept_ = 0;
    std::array<Free, 64> free_;
    std::map<std::byte*, std::size_t> pages_; // taken blocks that are not from a slab
    pid_t owner_;
};

// One arena a process. A child leaves its parent's alone and, if it ever needs one, makes its own.
SharedArena& arena() {
    static std::mutex mutex;
    static std::vector<std::unique_ptr<SharedArena>>* arenas =
        new std::vector<std::unique_ptr<SharedArena>>;
    static std::atomic<SharedArena*> current{nullptr};
    SharedArena* found = current.load(std::memory_order_acquire);
    if (found != nullptr && found->owner() == os::current_pid()) return *found;
    std::lock_guard lock(mutex);
    found = current.load(std::memory_order_relaxed);
    if (found == nullptr || found->owner() != os::current_pid()) {
        arenas->push_back(std::make_unique<SharedArena>());
        found = arenas->back().get();
        current.store(found, std::memory_order_release);
    }
    return *found;
}

} // namespace

SharedBlock arena_take(std::size_t bytes) { return arena().take(bytes, true); }
SharedBlock arena_take_addresses(std::size_t bytes) { return arena().take(bytes, false); }

SharedBlock arena_take_zeroed(std::size_t bytes) {
    if (bytes <= slab / 2) {
        const SharedBlock block = arena_take(bytes);
        std::memset(block.data, 0, bytes);
        return block;
    }
    const SharedBlock block = arena_take_addresses(bytes);
    try {
        check_memory_for(to_pages(bytes));
        if (!os::commit(block.data, os::page_size()))
            no_memory(bytes, std::generic_category().message(errno));
    } catch (...) {
        arena().release(block); // nothing has been written
        throw;
    }
    return block;
}

void arena_release_zeroed(std::byte* data, std::size_t bytes) noexcept {
    if (data == nullptr || !arena().contains(data, bytes)) return;
    if (bytes > slab / 2) clear(data, to_pages(bytes));
    arena().release({data, class_size(bytes)});
}

bool arena_commit(std::byte* data, std::size_t bytes) noexcept {
    return os::commit(data, to_pages(bytes));
}
void arena_drop(std::byte* data, std::size_t bytes) noexcept { clear(data, to_pages(bytes)); }

void arena_release(SharedBlock block) noexcept {
    if (block.data != nullptr && arena().contains(block.data, block.size)) arena().release(block);
}

bool arena_contains(const void* data, std::size_t bytes) noexcept {
    return arena().contains(data, bytes);
}

std::size_t arena_size() { return arena().size(); }

} // namespace mp::detail
