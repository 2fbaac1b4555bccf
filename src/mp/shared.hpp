#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>

namespace mp {

namespace detail {
/// Zeroed memory that this process and the children it forks see at the same address. Only the
/// process that allocated it frees it: in a child, destroying the pointer does nothing. Errors:
/// std::system_error when the machine has no more, before any of it is touched.
std::shared_ptr<void> allocate_zeroed(std::size_t bytes);
/// Returns whether an address is in such memory.
bool is_shared(const void* data) noexcept;

template <class T> consteval bool makes_default() {
    [[maybe_unused]] T value{};
    return true;
}

/// T{} always has the same value, and making it has no side effects.
template <class T>
concept HasConstantDefault = std::is_trivially_default_constructible_v<T> ||
                             requires { typename std::bool_constant<makes_default<T>()>; };

/// Whether zeroed memory already equals T{}, so that nothing needs to be written.
template <class T> bool is_default_all_zero() {
    if constexpr (HasConstantDefault<T>) {
        alignas(T) std::byte bytes[sizeof(T)] = {};
        ::new (static_cast<void*>(bytes)) T{};
        for (const std::byte each : bytes)
            if (each != std::byte{0}) return false;
        return true;
    } else {
        return false;
    }
}

} // namespace detail

template <class T>
concept Shareable =
    std::is_trivially_copy_constructible_v<T> && std::is_trivially_destructible_v<T> &&
    !std::is_pointer_v<T> && !std::is_reference_v<T>;

/// An array in memory that workers and child processes see without copying.
///
///     mp::SharedArray<double> sums(4);
///     pool.map([out = sums.span()](int i) { out[i] = i * 0.5; }, std::views::iota(0, 4));
///
/// Tasks capture span(), never the array, which owns the memory. Elements start as T{}. If T{} is
/// all zero bytes, the pages of an array larger than 128 KiB cost nothing until they are written.
/// If memory is short when the array is made, it is refused; if the machine runs out of memory
/// later, the kernel kills a process, as for any other memory.
/// T: trivially copy-constructible and trivially destructible, no pointer; std::atomic of a number
/// is allowed. After fork: children see the same memory at the same address; only the creator
/// releases it. Errors: std::length_error and std::system_error when there is no such memory.
/// Thread-safety: as for a plain array; concurrent writers to one element need an atomic.
template <class T> class SharedArray {
    static_assert(
        Shareable<T> || std::is_trivially_destructible_v<T>,
        "mp: a SharedArray holds plain values: numbers, structs of numbers, atomics of numbers");
    static_assert(!std::is_pointer_v<T> && !std::is_reference_v<T>,
                  "mp: a SharedArray holds values, not pointers");

public:
    explicit SharedArray(std::size_t size) : size_(size) {
        if (size > static_cast<std::size_t>(-1) / 2 / sizeof(T))
            throw std::length_error("mp::SharedArray: more elements than memory has bytes");
        memory_ = detail::allocate_zeroed(size * sizeof(T));
        if (!detail::is_default_all_zero<T>()) std::uninitialized_value_construct_n(begin(), size);
    }
    SharedArray(SharedArray&& other) noexcept
        : memory_(std::move(other.memory_)), size_(std::exchange(other.size_, 0)) {}
    SharedArray& operator=(SharedArray&& other) noexcept {
        std::swap(memory_, other.memory_);
        std::swap(size_, other.size_);
        return *this;
    }
    ~SharedArray() = default;

    std::span<T> span() const { return {begin(), size_}; }
    std::size_t size() const { return size_; }
    T* begin() const { return static_cast<T*>(memory_.get()); }
    T* end() const { return begin() + size_; }
    T& operator[](std::size_t i) const { return begin()[i]; }

private:
    std::shared_ptr<void> memory_; // not shared with other objects
    std::size_t size_ = 0;
};

/// One value in memory that workers and child processes see: a SharedArray of one. Tasks capture
/// span(); a Process may take it by reference.
template <class T> class SharedValue {
public:
    explicit SharedValue(T value = T{})
        requires std::is_copy_assignable_v<T>
        : memory_(1) {
        memory_[0] = value;
    }
    SharedValue()
        requires(!std::is_copy_assignable_v<T>)
        : memory_(1) {}

    T& operator*() const { return memory_[0]; }
    T* operator->() const { return &memory_[0]; }
    std::span<T, 1> span() const { return std::span<T, 1>(&memory_[0], 1); }

private:
    SharedArray<T> memory_;
};

} // namespace mp
