#pragma once

/// Work that has been handed to a pool: how to wait for its result, take it, or abandon it.

#include <atomic>
#include <cstddef>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

#include "mp/backend.hpp"
#include "mp/calls.hpp"
#include "mp/core.hpp"
#include "mp/storage.hpp"
#include "mp/task.hpp"

namespace mp::detail {

/// A task of one item in the queue. Its holder also keeps the Core alive.
class SubmittedTask {
public:
    SubmittedTask() = default;
    /// Submits it. Errors: those of Core::submit.
    SubmittedTask(Core& core, TaskSlot& task);
    SubmittedTask(SubmittedTask&& other) noexcept
        : core_(std::exchange(other.core_, nullptr)), task_(std::exchange(other.task_, nullptr)) {}
    SubmittedTask& operator=(SubmittedTask&& other) noexcept {
        SubmittedTask old(std::move(*this));
        std::swap(core_, other.core_);
        std::swap(task_, other.task_);
        return *this;
    }
    ~SubmittedTask() { give_up(); }

    explicit operator bool() const { return task_ != nullptr; }
    bool done() const noexcept { return task_->done(); }
    bool cancel() noexcept;
    Job finish();
    void give_up() noexcept;

private:
    Core* core_ = nullptr; // null once abandoned
    TaskSlot* task_ =
        nullptr; // its memory is never used for anything but tasks, even when abandoned
};

/// A whole map in progress. Its holder also keeps the Core alive.
class PostedJob {
public:
    /// Posts the job if it has items. `items`: the memory that holds them. If the job names no
    /// memory for the results, this allocates it. Errors: those of Core::post.
    PostedJob(Core& core, const Job& job, std::shared_ptr<void> items);
    PostedJob(const PostedJob&) = delete;
    PostedJob& operator=(const PostedJob&) = delete;
    ~PostedJob() { give_up(); }

    bool done() const noexcept;
    bool cancel() noexcept;
    Job finish();
    /// Returns when no worker will write to memory that may be freed. Running items get some time
    /// to finish, so that dropping a map of short ones costs no worker.
    void give_up() noexcept;

private:
    void call_off() noexcept;

    Core* core_;
    Job job_;
    std::shared_ptr<void> items_, results_;
    JobId id_ = 0;
    std::atomic<bool> posted_ = false; // and not finished
};

/// Posts a map. `results`: where the results go; null: memory that the job allocates. Errors: those
/// of Core::post.
template <class Call, class T, class R, class Items>
std::unique_ptr<PostedJob> post_map(Core& core, const Call& call, Items&& items,
                                    std::size_t chunksize, Copy copy,
                                    Stored<R>* results = nullptr) {
    const Closure<Call> closure(call);
    LaidOut laid = Storage<T>::lay_out(core.backend(), std::forward<Items>(items), copy);
    return std::make_unique<PostedJob>(core,
                                       Job{.run = run_items<Call, T, R>,
                                           .closure = closure.data(),
                                           .closure_size = sizeof(Call),
                                           .items = laid.data,
                                           .item_size = Storage<T>::size,
                                           .results = results,
                                           .result_size = Storage<R>::size,
                                           .size = laid.size,
                                           .chunksize = chunksize},
                                       std::move(laid.memory));
}

/// The result, of type R, that a pool owes for a task or a job. These differ only in where the
/// result lies and how it is read.
template <class R> class Future {
public:
    Future() = default;
    /// The result of a call.
    explicit Future(SubmittedTask&& task) : task_(std::move(task)), load_(load_one) {}
    /// The results of a map of calls that return an Item.
    template <class Item>
    Future(std::type_identity<Item>, std::unique_ptr<PostedJob> job)
        : job_(std::move(job)), load_(load_all<Item>) {}

    explicit operator bool() const { return load_ != nullptr; }
    /// REQUIRES (here and below): a result is owed.
    bool done() const noexcept { return task_ ? task_.done() : job_->done(); }
    /// Cancels what is not done. Returns whether anything could be cancelled.
    bool cancel() noexcept { return task_ ? task_.cancel() : job_->cancel(); }
    /// REQUIRES: done(); call once. Errors: those of the work.
    ResultOf<R> take() {
        struct GiveUp { // whether it returns or throws
            Future& future;
            ~GiveUp() { future.task_ ? future.task_.give_up() : future.job_->give_up(); }
        } const give_up{*this};
        return load_(task_ ? task_.finish() : job_->finish());
    }

private:
    static ResultOf<R> load_one(const Job& job) {
        return Storage<ResultOf<R>>::load(*static_cast<const Stored<ResultOf<R>>*>(job.results));
    }

    template <class Item> static ResultOf<R> load_all(const Job& job) {
        if constexpr (std::is_void_v<R>)
            return {};
        else
            return Storage<Item>::load_all(static_cast<const Stored<Item>*>(job.results), job.size);
    }

    SubmittedTask task_;
    std::unique_ptr<PostedJob> job_; // instead of a task
    ResultOf<R> (*load_)(const Job& job) = nullptr;
};

} // namespace mp::detail
