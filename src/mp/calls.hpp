#pragma once

/// How Pool's typed calls become jobs and tasks of bytes: what runs in the worker, and how a task
/// is laid out for it.

#include <cstddef>
#include <cstdint>
#include <memory>

#include "mp/backend.hpp"
#include "mp/storage.hpp"
#include "mp/task.hpp"
#include "mp/task_memory.hpp"
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
        // The loop is inside the try block, so that it is as tight as one without it. After an
        // exception it continues with the next item.
        try {
            while (i < last) {
                const std::size_t begin = i;
                const std::size_t stop =
                    last - i < context.report_stride() ? last : i + context.report_stride();
                for (; i < stop; ++i)
                    Storage<R>::store(static_cast<Stored<R>*>(job.results) + i, context,
                                      same_process, [&] { return result_of(i); });
                context.reach_stride(i, i - begin);
            }
        } catch (...) {
            same_process.check();
            context.failed(i);
            context.reach(++i);
        }
    }
}

/// The first multiple of `alignment` that is not less than `begin`.
constexpr std::size_t align_up(std::size_t begin, std::size_t alignment) {
    return (begin + alignment - 1) / alignment * alignment;
}

/// The memory of a task that runs a Call on some items: the TaskSlot; for each item a failure, a
/// result and the item; the callable; then the packed bytes. A call of apply is a task of one item.
template <class Call, class T, class R> class TaskFrame {
public:
    static const TaskType type;

    /// Makes a task of these items, at least one; the first of them is item `first` of the whole
    /// input. Errors: those of TaskMemory::take.
    template <class Items>
    static TaskSlot& make(TaskMemory& memory, const void* closure, const Items& items,
                          TaskKind kind, std::size_t first) {
        const auto count = static_cast<std::uint32_t>(items.size());
        const auto encoded = Storage<T>::encode(items);
        TaskSlot& task = memory.take(bytes_at(count) + encoded.bytes());
        task.kind = kind;
        task.type = &type;
        task.first = first;
        task.next = 0;
        task.end = count;
        const TaskFrame frame(task);
        std::uninitialized_value_construct_n(frame.failures(), count);
        clear_results(items_of(task).job);
        encoded.copy_to(frame.items(), frame.at(bytes_at(count)));
        std::uninitialized_copy_n(static_cast<const std::byte*>(closure), sizeof(Call),
                                  frame.at(call_at(count)));
        return task;
    }

private:
    static constexpr std::size_t failures_at = sizeof(TaskSlot);
    static constexpr std::size_t results_at(std::size_t count) {
        return align_up(failures_at + count * sizeof(FailureNote*), alignof(Stored<R>));
    }
    static constexpr std::size_t items_at(std::size_t count) {
        return align_up(results_at(count) + count * sizeof(Stored<R>), alignof(Stored<T>));
    }
    // Memory for tasks is aligned to at most a page; CallableAt copies what needs more.
    static constexpr std::size_t call_at(std::size_t count) {
        return align_up(items_at(count) + count * sizeof(Stored<T>),
                        alignof(Call) < 4096 ? alignof(Call) : 4096);
    }
    static constexpr std::size_t bytes_at(std::size_t count) {
        return call_at(count) + sizeof(Call);
    }

    explicit TaskFrame(TaskSlot& task) : memory_(memory_of(task)), count_(task.end) {}

    std::byte* at(std::size_t offset) const { return memory_ + offset; }
    FailureNote** failures() const { return reinterpret_cast<FailureNote**>(at(failures_at)); }
    Stored<R>* results() const { return reinterpret_cast<Stored<R>*>(at(results_at(count_))); }
    Stored<T>* items() const { return reinterpret_cast<Stored<T>*>(at(items_at(count_))); }
    const void* call() const { return at(call_at(count_)); }

    static void run(TaskSlot& task, TaskContext& context) {
        const TaskFrame frame(task);
        const SameProcess same_process;
        const CallableAt<Call> callable(frame.call());
        const Call& function = *callable;
        const Stored<T>* const items = frame.items();
        for (std::uint32_t i = task.next; i < task.end; ++i) {
            context.reach(i);
            try {
                Storage<R>::store(frame.results() + i, context, same_process,
                                  [&]() -> R { return function(Storage<T>::load(items[i])); });
            } catch (...) {
                same_process.check();
                frame.failures()[i] = context.note(task.first + i);
            }
        }
    }

    static TaskItems items_of(TaskSlot& task) {
        const TaskFrame frame(task);
        return {.job = {.run = run_items<Call, T, R>,
                        .closure = frame.call(),
                        .closure_size = sizeof(Call),
                        .items = frame.items(),
                        .item_size = Storage<T>::size,
                        .results = frame.results(),
                        .result_size = Storage<R>::size,
                        .size = task.end,
                        .chunksize = 1},
                .failures = frame.failures()};
    }

    std::byte* memory_;
    std::size_t count_;
};

template <class Call, class T, class R>
constexpr TaskType TaskFrame<Call, T, R>::type = {.run = run, .items = items_of};

} // namespace mp::detail
