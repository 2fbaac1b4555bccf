#include "mp/arena.hpp"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "mp/os/child.hpp"
#include "mp/os/limits.hpp"

namespace mp::detail {

namespace {

// Thread Sanitizer leaves only part of the address space to the program.
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

// Like os::discard; where the kernel refuses, zeroes the memory by hand.
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

// Grows a block from `pages` to `wanted` bytes that are backed by pages.
void commit_pages(std::byte* data, std::size_t pages, std::size_t wanted) {
    const std::size_t more = wanted - pages;
    check_memory_for(more);
    if (os::commit(data + pages, more)) return;
    const int error = errno;
    (void)os::discard(data + pages, more);
    no_memory(more, std::generic_category().message(error));
}

} // namespace

SharedBlock::~SharedBlock() {
    if (arena_ != nullptr && arena_->owner() == os::current_pid()) arena_->release(*this);
}

std::shared_ptr<void> shared_pointer(SharedBlock block) {
    const auto owned = std::make_shared<SharedBlock>(std::move(block));
    return {owned, owned->data()};
}

SharedArena::SharedArena() : memory_(os::reserve_shared(reserved)), owner_(os::current_pid()) {}

// A child leaves its parent's arena alone and makes its own if it ever needs one.
SharedArena& SharedArena::own() {
    static std::mutex mutex;
    static std::vector<std::unique_ptr<SharedArena>>* arenas =
        new std::vector<std::unique_ptr<SharedArena>>;
    static std::atomic<SharedArena*> current{nullptr};
    SharedArena* found = current.load(std::memory_order_acquire);
    if (found != nullptr && found->owner() == os::current_pid()) return *found;
    const std::lock_guard lock(mutex);
    found = current.load(std::memory_order_relaxed);
    if (found == nullptr || found->owner() != os::current_pid()) {
        arenas->push_back(std::make_unique<SharedArena>());
        found = arenas->back().get();
        current.store(found, std::memory_order_release);
    }
    return *found;
}

bool SharedArena::contains(const void* data, std::size_t bytes) const noexcept {
    const auto at = reinterpret_cast<std::uintptr_t>(data);
    const auto low = reinterpret_cast<std::uintptr_t>(memory_.data);
    return at >= low && at - low <= memory_.size && bytes <= memory_.size - (at - low);
}

SharedBlock SharedArena::take(std::size_t bytes) {
    if (bytes > memory_.size) no_room(bytes);
    const std::size_t size = class_size(bytes);
    const std::lock_guard lock(mutex_);
    if (size <= slab / 2) return {*this, take_small(size), size};
    Extent extent = take_extent(size);
    if (to_pages(bytes) > extent.pages) {
        try {
            commit_pages(extent.data, extent.pages, to_pages(bytes));
        } catch (...) {
            free_of(size).push_back(extent);
            kept_ += extent.pages;
            throw;
        }
        extent.pages = to_pages(bytes);
    }
    pages_[extent.data] = extent.pages;
    return {*this, extent.data, size};
}

SharedBlock SharedArena::take_addresses(std::size_t bytes) {
    if (bytes > memory_.size) no_room(bytes);
    const std::size_t size = class_size(std::max(bytes, slab));
    const std::lock_guard lock(mutex_);
    const Extent extent = take_extent(size);
    clear(extent.data, extent.pages);
    pages_[extent.data] = 0;
    return {*this, extent.data, size};
}

SharedBlock SharedArena::take_zeroed(std::size_t bytes) {
    if (bytes <= slab / 2) {
        SharedBlock block = take(bytes);
        std::memset(block.data(), 0, bytes);
        return block;
    }
    SharedBlock block = take_addresses(bytes);
    check_memory_for(to_pages(bytes));
    if (!os::commit(block.data(), os::page_size()))
        no_memory(bytes, std::generic_category().message(errno));
    block.zeroed_ = to_pages(bytes);
    return block;
}

bool SharedArena::commit(std::byte* data, std::size_t bytes) noexcept {
    return os::commit(data, to_pages(bytes));
}

void SharedArena::drop(std::byte* data, std::size_t bytes) noexcept {
    clear(data, to_pages(bytes));
}

SharedArena::Free& SharedArena::free_of(std::size_t size) {
    return free_[static_cast<std::size_t>(std::countr_zero(size))];
}

void SharedArena::release(const SharedBlock& block) noexcept {
    if (block.zeroed_ != 0) clear(block.data_, block.zeroed_);
    const std::lock_guard lock(mutex_);
    Free& free = free_of(block.size_);
    const auto found = pages_.find(block.data_);
    if (found == pages_.end()) { // from a slab, which is kept
        free.push_back({block.data_, 0});
        return;
    }
    Extent extent{block.data_, found->second};
    pages_.erase(found);
    if (kept_ + extent.pages > keeps && os::discard(extent.data, extent.pages)) extent.pages = 0;
    kept_ += extent.pages;
    free.push_back(extent);
}

void SharedArena::no_room(std::size_t bytes) const {
    no_memory(bytes, "only " + std::to_string(memory_.size) +
                         " bytes of addresses are reserved (ulimit -v?)");
}

// REQUIRES (here and below): mutex_ is held.
std::byte* SharedArena::carve(std::size_t size) {
    const std::size_t at = to_pages(used_);
    if (size > memory_.size || at > memory_.size - size) no_room(size);
    used_ = at + size;
    return memory_.data + at;
}

std::byte* SharedArena::take_small(std::size_t size) {
    Free& free = free_of(size);
    if (free.empty()) {
        std::byte* const fresh = carve(slab);
        commit_pages(fresh, 0, slab);
        for (std::size_t at = slab; at >= size; at -= size) free.push_back({fresh + at - size, 0});
    }
    std::byte* const data = free.back().data;
    free.pop_back();
    return data;
}

SharedArena::Extent SharedArena::take_extent(std::size_t size) {
    Free& free = free_of(size);
    if (free.empty()) return {carve(size), 0};
    const Extent extent = free.back();
    free.pop_back();
    kept_ -= extent.pages;
    return extent;
}

} // namespace mp::detail
