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

SharedArena::SharedArena(const SharedArena* parents)
    : memory_(os::reserve_shared(reserved)), owner_(os::current_pid()), parents_(parents) {}

SharedArena::~SharedArena() { os::release(memory_); }

// A child leaves its parent's arena alone and makes its own if it ever needs one. Without a lock: a
// thread that makes the first arena might hold it while another one forks.
SharedArena& SharedArena::own() {
    static std::atomic<SharedArena*> current{nullptr};
    SharedArena* found = current.load(std::memory_order_acquire);
    while (found == nullptr || found->owner() != os::current_pid()) {
        std::unique_ptr<SharedArena> made(new SharedArena(found));
        if (current.compare_exchange_strong(found, made.get(), std::memory_order_acq_rel,
                                            std::memory_order_acquire))
            found = made.release(); // and stays until the process ends
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
    try {
        if (to_pages(bytes) > extent.pages) {
            commit_pages(extent.data, extent.pages, to_pages(bytes));
            extent.pages = to_pages(bytes);
        }
        pages_[extent.data] = extent.pages;
    } catch (...) {
        put_back(extent, size);
        throw;
    }
    return {*this, extent.data, size};
}

SharedBlock SharedArena::take_addresses(std::size_t bytes) {
    if (bytes > memory_.size) no_room(bytes);
    const std::size_t size = class_size(std::max(bytes, slab));
    const std::lock_guard lock(mutex_);
    Extent extent = take_extent(size);
    clear(extent.data, extent.pages);
    extent.pages = 0;
    try {
        pages_[extent.data] = 0;
    } catch (...) {
        put_back(extent, size);
        throw;
    }
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
    const auto found = pages_.find(block.data_);
    if (found == pages_.end()) return put_back({block.data_, 0}, block.size_); // slabs are kept
    Extent extent{block.data_, found->second};
    pages_.erase(found);
    if (kept_ + extent.pages > keeps && os::discard(extent.data, extent.pages)) extent.pages = 0;
    put_back(extent, block.size_);
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
    if (free.extents.empty()) {
        make_room(free, slab / size);
        std::byte* const fresh = carve(slab);
        commit_pages(fresh, 0, slab);
        free.made += slab / size;
        for (std::size_t at = slab; at >= size; at -= size) put_back({fresh + at - size, 0}, size);
    }
    std::byte* const data = free.extents.back().data;
    free.extents.pop_back();
    return data;
}

SharedArena::Extent SharedArena::take_extent(std::size_t size) {
    Free& free = free_of(size);
    if (free.extents.empty()) {
        make_room(free, 1);
        std::byte* const fresh = carve(size);
        ++free.made;
        return {fresh, 0};
    }
    const Extent extent = free.extents.back();
    free.extents.pop_back();
    kept_ -= extent.pages;
    return extent;
}

// For that many more blocks of a size, so that put_back() cannot fail.
void SharedArena::make_room(Free& free, std::size_t more) {
    const std::size_t total = free.made + more;
    if (free.extents.capacity() < total)
        free.extents.reserve(std::max(total, 2 * free.extents.capacity()));
}

void SharedArena::put_back(const Extent& extent, std::size_t size) noexcept {
    free_of(size).extents.push_back(extent);
    kept_ += extent.pages;
}

} // namespace mp::detail
