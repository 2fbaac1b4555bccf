#pragma once

/// How Pool's typed calls become jobs and tasks of bytes: what runs in the worker, and how items
/// and results are laid out for it.

#include <cstddef>
#include <cstring>
#include <functional>
#include <memory>
#include <new>
#include <ranges>
#include <stdexcept>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/backend.hpp"
#include "mp/codec.hpp"
#include "mp/error.hpp"
#include "mp/storage.hpp"
#include "mp/task.hpp"
#include "mp/worker.hpp"

namespace mp::detail {

/// In the worker: runs items first .. last - 1.
template <class Call, class T, class R>
void run_items(const Job& job, std::size_t first, std::size_t last, TaskContext& context) {
    const SameProcess same_process;
    const CallableAt<Call> callable(job.closure);
    const Call& call = *callable;
    const auto result_of = [&](std::size_t i) -> R {
        return call(Storage<T>::load(static_cast<const Stored<T>*>(job.items)[i]));
    };
    for (std::size_t i = first; i < last;) {
        // The loop is inside of the try, so that it is as tight as one without it; after a throw it
        // goes on.
        try {
            while (i < last) {
                const std::size_t stop =
                    last - i < context.report_stride() ? last : i + context.report_stride();
                for (; i < stop; ++i)
                    Storage<R>::store(static_cast<Stored<R>*>(job.results) + i, context,
                                      same_process, [&] { return result_of(i); });
                context.reach_stride(i);
            }
        } catch (...) {
            same_process.check();
            context.failed(i);
            context.reach(++i);
        }
    }
}

/// The bytes of `count` values of `size` bytes each. Errors: std::length_error where no memory has
/// that many.
inline std::size_t bytes_for(std::size_t count, std::size_t size) {
    if (count > static_cast<std::size_t>(-1) / 2 / size)
        throw std::length_error(
            "mp::Pool: the items need more memory than there are addresses; give fewer at once, or "
            "use imap");
    return count * size;
}

/// How many items a range has. Errors: std::length_error where std::size_t cannot tell.
template <class Items> std::size_t count_of(Items&& items) {
    const auto count = std::ranges::size(items);
    const auto size = static_cast<std::size_t>(count);
    if (static_cast<decltype(count)>(size) != count || count < 0)
        throw std::length_error("mp::Pool: more items than can be counted; use imap");
    return size;
}

/// Whether items that workers can read where they stand may stay there.
enum class Copy { if_needed, always };

/// Lays items out where workers can read them: where they stand if possible, else as a copy.
template <class T> class ItemsForWorkers {
public:
    template <class Items> ItemsForWorkers(Backend& backend, Items&& items, Copy when) {
        if constexpr (is_flat<T> && std::ranges::contiguous_range<Items> &&
                      std::ranges::sized_range<Items> &&
                      std::is_same_v<std::ranges::range_value_t<Items>, T>) {
            size_ = count_of(items);
            data_ = std::ranges::data(items);
            if (size_ == 0 ||
                (when == Copy::if_needed && backend.visible(data_, bytes_for(size_, sizeof(T)))))
                return;
            copy(backend, items);
        } else if constexpr (is_flat<T> && std::ranges::sized_range<Items>) {
            size_ = count_of(items);
            copy(backend, items);
        } else if constexpr (is_flat<T>) {
            std::vector<T> collected; // how many there are shows only at the end
            for (auto&& item : items)
                collected.push_back(static_cast<T>(std::forward<decltype(item)>(item)));
            size_ = collected.size();
            copy(backend, collected);
        } else {
            pack_all(backend, items);
        }
    }

    const void* data() const { return data_; }
    std::size_t size() const { return size_; }

private:
    template <class Items> void copy(Backend& backend, Items&& items) {
        if (size_ == 0) return;
        memory_ = backend.allocate(bytes_for(size_, sizeof(T)));
        T* to = static_cast<T*>(memory_.get());
        if constexpr (std::ranges::contiguous_range<Items> && std::is_trivially_copyable_v<T> &&
                      std::is_same_v<std::ranges::range_value_t<Items>, T>)
            std::memcpy(static_cast<void*>(to), std::ranges::data(items), size_ * sizeof(T));
        else
            for (auto&& item : items) ::new (static_cast<void*>(to++)) T(static_cast<T>(item));
        data_ = memory_.get();
    }

    template <class Items> void pack_all(Backend& backend, Items&& items) {
        // One table, then all the bytes: the length is known once the values are packed.
        OutputArchive archive;
        std::vector<std::size_t> ends;
        for (auto&& item : items) {
            archive(static_cast<const T&>(item));
            ends.push_back(archive.size());
        }
        const std::vector<std::byte> bytes = archive.take();
        size_ = ends.size();
        if (size_ == 0) return;
        memory_ = backend.allocate(bytes_for(size_, sizeof(Packed)) + bytes.size());
        auto* table = static_cast<Packed*>(memory_.get());
        auto* data = reinterpret_cast<std::byte*>(table + size_);
        if (!bytes.empty()) std::memcpy(data, bytes.data(), bytes.size());
        for (std::size_t i = 0, begin = 0; i < size_; begin = ends[i++])
            ::new (static_cast<void*>(table + i)) Packed{data + begin, ends[i] - begin};
        data_ = table;
    }

    std::shared_ptr<void> memory_;
    const void* data_ = nullptr;
    std::size_t size_ = 0;
};

/// The note as an error; gives its memory back.
std::exception_ptr take_error(Executor& executor, const FailureNote* note);

/// The first offset from `begin` on where a T may stand.
template <class T> constexpr std::size_t aligned_for(std::size_t begin) {
    return (begin + alignof(T) - 1) / alignof(T) * alignof(T);
}

inline std::byte* bytes_of(TaskSlot& task) { return reinterpret_cast<std::byte*>(&task); }

/// Where the result of a single call stands in its slot, whatever is called.
template <class R> std::byte* result_in(TaskSlot& task) {
    return bytes_of(task) + aligned_for<Stored<R>>(sizeof(TaskSlot));
}

/// The alignment of a callable's bytes in a frame. Memory for tasks is aligned to a page at most,
/// and CallableAt copies what needs more.
template <class Call>
inline constexpr std::size_t frame_alignment = alignof(Call) < 4096 ? alignof(Call) : 4096;

/// One call with its argument: what follows the TaskSlot of apply_async and the result.
template <class Call, class T, class R> struct CallFrame {
    alignas(frame_alignment<Call>) std::byte call[sizeof(Call)];
    alignas(Stored<T>) std::byte item[sizeof(Stored<T>)];

    static constexpr std::size_t offset() {
        return aligned_for<CallFrame>(aligned_for<Stored<R>>(sizeof(TaskSlot)) + sizeof(Stored<R>));
    }
    static CallFrame& of(TaskSlot& task) {
        return *reinterpret_cast<CallFrame*>(bytes_of(task) + offset());
    }

    static const TaskType type;

    static void run(TaskSlot& task, TaskContext& context) {
        CallFrame& one = of(task);
        const SameProcess same_process;
        const CallableAt<Call> callable(one.call);
        const Call& function = *callable;
        const auto& argument = *std::launder(reinterpret_cast<const Stored<T>*>(one.item));
        try {
            Storage<R>::store(reinterpret_cast<Stored<R>*>(result_in<R>(task)), context,
                              same_process,
                              [&]() -> R { return function(Storage<T>::load(argument)); });
        } catch (...) {
            same_process.check();
            task.failure = context.note(0);
        }
    }
};

template <class Call, class T, class R>
constexpr TaskType CallFrame<Call, T, R>::type = {
    .run = run,
    .run_items = run_items<Call, T, R>,
    .closure = offset() + offsetof(CallFrame, call),
    .closure_size = sizeof(Call),
    .items = offset() + offsetof(CallFrame, item),
    .item_size = Storage<T>::size,
    .results = aligned_for<Stored<R>>(sizeof(TaskSlot)),
    .result_size = Storage<R>::size,
};

/// A chunk of imap: a TaskFrame, then this.
template <class Call, class T, class R> struct ChunkFrame {
    alignas(frame_alignment<Call>) std::byte call[sizeof(Call)];
    const Stored<T>* items;
    Stored<R>* results;

    static constexpr std::size_t offset() {
        return aligned_for<ChunkFrame>(sizeof(TaskSlot) + sizeof(TaskFrame));
    }
    static ChunkFrame& of(TaskSlot& task) {
        return *reinterpret_cast<ChunkFrame*>(bytes_of(task) + offset());
    }

    static const TaskType type;

    static void run(TaskSlot& task, TaskContext& context) {
        ChunkFrame& chunk = of(task);
        const TaskFrame& frame = TaskFrame::of(task);
        const SameProcess same_process;
        const CallableAt<Call> callable(chunk.call);
        const Call& function = *callable;
        for (std::size_t i = frame.next; i < frame.end; ++i) {
            context.reach(i);
            try {
                Storage<R>::store(chunk.results + i, context, same_process, [&]() -> R {
                    return function(Storage<T>::load(chunk.items[i]));
                });
            } catch (...) {
                same_process.check();
                frame.failures[i] = context.note(frame.first + i);
            }
        }
    }
};

template <class Call, class T, class R>
constexpr TaskType ChunkFrame<Call, T, R>::type = {
    .run = run,
    .run_items = run_items<Call, T, R>,
    .closure = offset() + offsetof(ChunkFrame, call),
    .closure_size = sizeof(Call),
    .items = offset() + offsetof(ChunkFrame, items),
    .item_size = Storage<T>::size,
    .results = offset() + offsetof(ChunkFrame, results),
    .result_size = Storage<R>::size,
};

} // namespace mp::detail
