#pragma once

/// How items and results lie in shared memory, as calls.hpp, future.hpp and imap.hpp use it.

#include <cstddef>
#include <cstring>
#include <new>
#include <utility>
#include <vector>

#include "mp/backend.hpp"
#include "mp/codec.hpp"
#include "mp/worker.hpp"

namespace mp::detail {

/// How a T lies in shared memory: flat, as it is, or packed, as bytes that lie elsewhere. This is
/// the place that decides between the two.
template <class T, bool Flat = is_flat<T>> struct Storage {
    using Stored = T;
    /// As Job says it: 0 for what is packed.
    static constexpr std::size_t size = sizeof(T);

    static const T& load(const Stored& stored) { return stored; }
    static std::vector<T> load_all(const Stored* first, std::size_t count) {
        return std::vector<T>(first, first + count);
    }
    /// In the worker: writes what `result` returns. `same_process`: the process that writes it.
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
    /// Before workers write there.
    static void clear(Stored*, std::size_t) noexcept {}
    /// The memory of the values goes back, whether they were read or not.
    static void release(Executor&, const Stored*, std::size_t) noexcept {}
};

template <class T> struct Storage<T, false> {
    using Stored = Packed;
    static constexpr std::size_t size = 0;

    static T load(const Stored& stored) { return unpack<T>({stored.data, stored.size}); }
    static std::vector<T> load_all(const Stored* first, std::size_t count) {
        std::vector<T> values;
        values.reserve(count);
        for (std::size_t i = 0; i < count; ++i) values.push_back(load(first[i]));
        return values;
    }
    /// A result that is there already is that of a worker which died.
    template <class F>
    static void store(Stored* to, TaskContext& context, const SameProcess& same_process,
                      F&& result) {
        const std::vector<std::byte> bytes = pack<T>(result());
        same_process.check();
        std::byte* data = context.allocate(bytes.size());
        if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
        const std::byte* const before = to->data;
        ::new (static_cast<void*>(to)) Packed{data, bytes.size()};
        if (before != nullptr)
            context.release(before); // not first: a worker that dies here must not do it twice
    }
    static void clear(Stored* first, std::size_t count) noexcept {
        std::memset(static_cast<void*>(first), 0, count * sizeof(Stored));
    }
    static void release(Executor& executor, const Stored* first, std::size_t count) noexcept {
        for (std::size_t i = 0; i < count; ++i)
            if (first[i].data != nullptr) executor.release(first[i].data);
    }
};

/// A value as it lies in shared memory: itself, or where its bytes are.
template <class T> using Stored = typename Storage<T>::Stored;

} // namespace mp::detail
