#pragma once

/// How items and results lie in shared memory.

#include <cstddef>
#include <memory>
#include <new>
#include <ranges>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/backend.hpp"
#include "mp/codec.hpp"
#include "mp/worker.hpp"

namespace mp::detail {

/// The bytes of `count` values of `size` bytes each. Errors: std::length_error if that is more than
/// any memory has.
std::size_t bytes_for(std::size_t count, std::size_t size);

/// How many items a range has. Errors: std::length_error if std::size_t cannot hold the number.
template <class Items> std::size_t count_of(Items&& items) {
    const auto count = std::ranges::size(items);
    const auto size = static_cast<std::size_t>(count);
    if (static_cast<decltype(count)>(size) != count || count < 0)
        throw std::length_error("mp::Pool: more items than can be counted; use imap");
    return size;
}

/// Before memory is filled for the first time: makes that faster where there is much.
void expect_to_fill(void* data, std::size_t bytes) noexcept;

/// Whether items that workers can read in place may stay there.
enum class Copy { if_needed, always };

/// Items where workers can read them.
struct LaidOut {
    std::shared_ptr<void> memory; ///< null if they stay in place
    const void* data = nullptr;
    std::size_t size = 0; ///< how many
};

/// Flat values on their way into shared memory: copied unchanged.
template <class Items> class FlatValues {
public:
    explicit FlatValues(Items& items) : items_(items) {}
    /// The bytes that they need in addition to their table.
    static constexpr std::size_t bytes() { return 0; }
    template <class T> void copy_to(T* to, std::byte*) const {
        if constexpr (std::ranges::contiguous_range<Items> && std::is_trivially_copyable_v<T> &&
                      std::is_same_v<std::ranges::range_value_t<Items>, T>)
            std::uninitialized_copy_n(std::ranges::data(items_), std::ranges::size(items_), to);
        else
            for (auto&& item : items_) ::new (static_cast<void*>(to++)) T(static_cast<T>(item));
    }

private:
    Items& items_;
};

/// Values that have been packed: one table, then all the bytes.
class PackedValues {
public:
    template <class T> void add(const T& value) {
        archive_(value);
        ends_.push_back(archive_.size());
    }
    std::size_t size() const { return ends_.size(); }
    std::size_t bytes() const { return archive_.size(); }
    void copy_to(Packed* table, std::byte* data) const;

private:
    OutputArchive archive_;
    std::vector<std::size_t> ends_;
};

/// How a T lies in shared memory: flat, as it is, or packed, as bytes elsewhere. This class chooses
/// between the two; at run time a size of 0 means packed.
template <class T, bool Flat = is_flat<T>> struct Storage {
    using Stored = T;
    /// As in Job: 0 for packed values.
    static constexpr std::size_t size = sizeof(T);

    /// Lays items out where workers can read them: in place if possible, else as a copy.
    template <class Items> static LaidOut lay_out(Backend& backend, Items&& items, Copy when) {
        if constexpr (!std::ranges::sized_range<Items>) {
            std::vector<T> collected; // the number of items is known only at the end
            for (auto&& item : items)
                collected.push_back(static_cast<T>(std::forward<decltype(item)>(item)));
            return copy(backend, collected);
        } else {
            if constexpr (std::ranges::contiguous_range<Items> &&
                          std::is_same_v<std::ranges::range_value_t<Items>, T>) {
                const std::size_t count = count_of(items);
                const void* data = std::ranges::data(items);
                if (when == Copy::if_needed && count != 0 &&
                    backend.visible(data, bytes_for(count, sizeof(T))))
                    return {nullptr, data, count};
            }
            return copy(backend, items);
        }
    }
    /// Prepares items for a task.
    template <class Items> static FlatValues<const Items> encode(const Items& items) {
        return FlatValues<const Items>(items);
    }

    static const T& load(const Stored& stored) { return stored; }
    static std::vector<T> load_all(const Stored* first, std::size_t count) {
        if constexpr (std::is_copy_assignable_v<T> && !std::is_same_v<T, bool>) {
            std::vector<T> values;
            values.reserve(count);
            expect_to_fill(values.data(), count * sizeof(T));
            values.insert(values.end(), first, first + count);
            return values;
        } else {
            return std::vector<T>(first, first + count);
        }
    }
    /// In the worker: writes the result. `same_process`: the caller's process writes it.
    template <class F>
    static void store(Stored* to, TaskContext&, const SameProcess& same_process, F&& result) {
        constexpr std::size_t worth_no_copy = 256;
        if constexpr (sizeof(T) > worth_no_copy) {
            ::new (static_cast<void*>(to)) T(result());
            same_process.check();
        } else {
            const T value = result();
            same_process.check();
            ::new (static_cast<void*>(to)) T(value);
        }
    }

private:
    template <class Items> static LaidOut copy(Backend& backend, Items& items) {
        const std::size_t count = count_of(items);
        if (count == 0) return {};
        std::shared_ptr<void> memory = backend.allocate(bytes_for(count, sizeof(T)));
        FlatValues<Items>(items).copy_to(static_cast<T*>(memory.get()), nullptr);
        const void* data = memory.get();
        return {std::move(memory), data, count};
    }
};

template <class T> struct Storage<T, false> {
    using Stored = Packed;
    static constexpr std::size_t size = 0;

    template <class Items> static LaidOut lay_out(Backend& backend, Items&& items, Copy) {
        const PackedValues packed = encode(items);
        if (packed.size() == 0) return {};
        const std::size_t table_bytes = bytes_for(packed.size(), sizeof(Packed));
        std::shared_ptr<void> memory = backend.allocate(table_bytes + packed.bytes());
        auto* table = static_cast<Packed*>(memory.get());
        packed.copy_to(table, reinterpret_cast<std::byte*>(table) + table_bytes);
        return {std::move(memory), table, packed.size()};
    }
    template <class Items> static PackedValues encode(Items&& items) {
        PackedValues packed;
        for (auto&& item : items) packed.add(static_cast<const T&>(item));
        return packed;
    }

    static T load(const Stored& stored) { return unpack<T>({stored.data, stored.size}); }
    static std::vector<T> load_all(const Stored* first, std::size_t count) {
        std::vector<T> values;
        values.reserve(count);
        for (std::size_t i = 0; i < count; ++i) values.push_back(load(first[i]));
        return values;
    }
    /// An existing result was written by a worker that died.
    template <class F>
    static void store(Stored* to, TaskContext& context, const SameProcess& same_process,
                      F&& result) {
        const std::vector<std::byte> bytes = pack<T>(result());
        same_process.check();
        std::byte* data = context.allocate(bytes.size());
        std::uninitialized_copy(bytes.begin(), bytes.end(), data);
        const std::byte* const before = to->data;
        ::new (static_cast<void*>(to)) Packed{data, bytes.size()};
        if (before != nullptr)
            context.release(before); // last: a worker that dies here must not release it twice
    }
};

/// A value as it lies in shared memory: itself, or the location of its bytes.
template <class T> using Stored = typename Storage<T>::Stored;

/// Prepares the memory before workers write to it.
void clear_results(const Job& job) noexcept;
/// Releases the memory of `count` results from `first` on, whether they were read or not.
void release_results(Executor& executor, const Job& job, std::size_t first,
                     std::size_t count) noexcept;

} // namespace mp::detail
