#pragma once

/// Work that has been handed to a pool: how its result is waited for, taken, and given up.

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstring>
#include <memory>
#include <new>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "mp/calls.hpp"
#include "mp/core.hpp"
#include "mp/error.hpp"

namespace mp::detail {

/// Something that will have a result.
template <class R> class FutureBase {
public:
    virtual ~FutureBase() = default;
    virtual bool done() const noexcept = 0;
    /// Calls off what is not done; whether there was any that could be.
    virtual bool cancel() noexcept = 0;
    /// REQUIRES: done(); once. Errors: those of the work.
    virtual ResultOf<R> take() = 0;
};

/// One call in a task, whatever is called, its argument in the task too. R: what it returns.
template <class R> class CallFuture {
    using Result = ResultOf<R>;

public:
    /// Submits it.
    template <class Call, class T>
    CallFuture(std::type_identity<CallFrame<Call, T, Result>>, Core& core, const void* closure,
               const Stored<T>& item)
        : core_(&core) {
        using One = CallFrame<Call, T, Result>;
        task_ = core.take_task(One::offset() + sizeof(One));
        One& one = *::new (static_cast<void*>(&One::of(*task_))) One;
        std::memcpy(one.call, closure, sizeof(Call));
        ::new (static_cast<void*>(one.item)) Stored<T>(item);
        Storage<Result>::clear(reinterpret_cast<Stored<Result>*>(result_in<Result>(*task_)), 1);
        task_->type = &One::type;
        task_->items = 1;
        task_->first = 0;
        try {
            core.submit(*task_);
        } catch (...) {
            core.drop_task(task_, [](TaskSlot&) {});
            throw;
        }
    }
    CallFuture(CallFuture&& other) noexcept { swap(other); }
    CallFuture& operator=(CallFuture&& other) noexcept {
        CallFuture old(std::move(*this));
        swap(other);
        return *this;
    }
    ~CallFuture() { drop(nullptr); }

    /// Gives the result up; `argument` is kept until the call is done.
    void drop(std::shared_ptr<void> argument) noexcept {
        Core* core = std::exchange(core_, nullptr);
        if (core == nullptr || !core->is_mine()) return;
        core->drop_task(task_, [core, argument = std::move(argument)](TaskSlot& task) {
            discard(*core, task);
        });
    }

    bool done() const noexcept { return task_->done(); }

    /// Calls it off, with its worker if it is running; whether that was possible.
    bool cancel() noexcept { return task_->status.try_cancel() || core_->executor().stop(*task_); }

    /// REQUIRES: done(); once. Errors: those of the call.
    Result take() {
        struct Free {
            CallFuture& call;
            ~Free() {
                Core* core = std::exchange(call.core_, nullptr);
                discard(*core, *call.task_);
                core->free_task(call.task_);
            }
        } free{*this};
        switch (task_->status.get()) {
        case TaskState::finished:
            return Storage<Result>::load(stored_in(*task_));
        case TaskState::failed:
            std::rethrow_exception(take_error(core_->executor(), task_->failure));
        default:
            throw Cancelled();
        }
    }

private:
    void swap(CallFuture& other) noexcept {
        std::swap(core_, other.core_);
        std::swap(task_, other.task_);
    }

    static Stored<Result>& stored_in(TaskSlot& task) {
        return *std::launder(reinterpret_cast<Stored<Result>*>(result_in<Result>(task)));
    }
    static void discard(Core& core, TaskSlot& task) noexcept {
        Storage<Result>::release(core.executor(), &stored_in(task), 1);
    }

    Core* core_ = nullptr;     // whoever holds this holds the core as well; null once it is taken
    TaskSlot* task_ = nullptr; // its memory stays a task's, also when it has been taken
};

/// One call with an argument that was packed into memory of its own.
template <class R> class PackedCallFuture final : public FutureBase<R> {
public:
    template <class Call, class T>
    PackedCallFuture(std::type_identity<CallFrame<Call, T, ResultOf<R>>> one, Core& core,
                     const void* closure, const std::vector<std::byte>& packed)
        : argument_(copy(core, packed)),
          call_(one, core, closure,
                Packed{static_cast<const std::byte*>(argument_.get()), packed.size()}) {}
    ~PackedCallFuture() override { call_.drop(std::move(argument_)); }

    bool done() const noexcept override { return call_.done(); }
    bool cancel() noexcept override { return call_.cancel(); }
    ResultOf<R> take() override { return call_.take(); }

private:
    static std::shared_ptr<void> copy(Core& core, const std::vector<std::byte>& packed) {
        std::shared_ptr<void> memory = core.backend().allocate(packed.size());
        if (!packed.empty()) std::memcpy(memory.get(), packed.data(), packed.size());
        return memory;
    }

    std::shared_ptr<void> argument_;
    CallFuture<R> call_;
};

/// A whole map.
template <class Call, class T, class R, class Result>
class MapFuture final : public FutureBase<Result> {
public:
    /// Posts it. `results`: where they shall go; null: into memory of its own.
    template <class Items>
    MapFuture(Core& core, const void* closure, Items&& items, std::size_t chunksize,
              Copy copy = Copy::if_needed, Stored<R>* results = nullptr)
        : core_(&core), items_(core_->backend(), std::forward<Items>(items), copy),
          results_(results) {
        const std::size_t size = items_.size();
        if (size == 0) return;
        if (results_ == nullptr) {
            if (size > static_cast<std::size_t>(-1) / 2 / sizeof(Stored<R>))
                throw std::length_error(
                    "mp::Pool: the results need more memory than there are addresses");
            memory_ = core_->backend().allocate(size * sizeof(Stored<R>));
            results_ = static_cast<Stored<R>*>(memory_.get());
        }
        Storage<R>::clear(results_, size);
        job_ = core_->post({.run = run_items<Call, T, R>,
                            .closure = closure,
                            .closure_size = sizeof(Call),
                            .items = items_.data(),
                            .item_size = Storage<T>::size,
                            .results = results_,
                            .result_size = Storage<R>::size,
                            .size = size,
                            .chunksize = chunksize});
        posted_ = true;
    }
    ~MapFuture() override {
        if (!posted_ || !core_->is_mine()) return;
        call_off();
        release();
    }

    bool done() const noexcept override { return !posted_ || core_->executor().finished(job_); }
    bool cancel() noexcept override {
        if (done()) return false;
        core_->executor().cancel(job_);
        core_->executor().stop(job_);
        return true;
    }
    ResultOf<Result> take() override {
        finish();
        if constexpr (std::is_void_v<Result>)
            return {};
        else
            return collect();
    }
    /// REQUIRES: done(). Errors: those of the items.
    void finish() {
        if (!posted_.exchange(false)) return;
        try {
            core_->executor().finish(job_);
        } catch (...) {
            release();
            throw;
        }
    }

private:
    // Returns when no worker will write to what is no more. Items that run get some time to end,
    // so that dropping a map of short ones costs no worker.
    void call_off() noexcept {
        Executor& executor = core_->executor();
        const auto over = [this] { return done(); };
        try {
            executor.cancel(job_);
            if (!executor.wait(over, std::chrono::steady_clock::now() + grace)) {
                executor.stop(job_);
                (void)executor.wait(over, std::nullopt);
            }
            executor.finish(job_);
        } catch (...) { // nobody asked for its result
            if (!done()) core_->backend().terminate();
        }
    }

    std::vector<R> collect() {
        std::vector<R> collected = Storage<R>::load_all(results_, items_.size());
        release();
        return collected;
    }
    void release() noexcept { Storage<R>::release(core_->executor(), results_, items_.size()); }

    Core* core_; // whoever holds this holds the core as well
    ItemsForWorkers<T> items_;
    std::shared_ptr<void> memory_;
    Stored<R>* results_;
    JobId job_ = 0;
    std::atomic<bool> posted_ = false;
};

/// What a pool owes for some work: the result of a call or of a map; nothing once it is taken.
template <class R> class Future {
public:
    Future() = default;
    explicit Future(CallFuture<R>&& call) : work_(std::move(call)) {}
    explicit Future(std::unique_ptr<FutureBase<R>> work) : work_(std::move(work)) {}
    Future(Future&& other) noexcept : work_(std::exchange(other.work_, {})) {}
    Future& operator=(Future&& other) noexcept {
        Future old(std::move(*this)); // what this owed is given up at the end
        work_ = std::exchange(other.work_, {});
        return *this;
    }
    ~Future() = default;

    explicit operator bool() const { return work_.index() != 0; }
    /// REQUIRES, with those below: it owes something.
    bool done() const noexcept {
        const auto* call = std::get_if<CallFuture<R>>(&work_);
        return call != nullptr ? call->done() : std::get<2>(work_)->done();
    }
    /// Calls off what is not done; whether there was any that could be.
    bool cancel() noexcept {
        auto* call = std::get_if<CallFuture<R>>(&work_);
        return call != nullptr ? call->cancel() : std::get<2>(work_)->cancel();
    }
    /// REQUIRES: done(); once. Errors: those of the work.
    ResultOf<R> take() {
        auto* call = std::get_if<CallFuture<R>>(&work_);
        return call != nullptr ? call->take() : std::get<2>(work_)->take();
    }

private:
    std::variant<std::monostate, CallFuture<R>, std::unique_ptr<FutureBase<R>>> work_;
};

/// Submits one call.
template <class Call, class T, class R>
Future<R> submit_call(Core& core, const void* closure, const T& item) {
    constexpr std::type_identity<CallFrame<Call, T, ResultOf<R>>> one;
    if constexpr (is_flat<T>)
        return Future<R>(CallFuture<R>(one, core, closure, item));
    else
        return Future<R>(std::unique_ptr<FutureBase<R>>(
            std::make_unique<PackedCallFuture<R>>(one, core, closure, pack<T>(item))));
}

} // namespace mp::detail
