#pragma once

#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include "mp/calls.hpp"
#include "mp/core.hpp"
#include "mp/duration.hpp"
#include "mp/error.hpp"

namespace mp {

namespace detail {

/// Something that will have a result.
template <class R> class Pending {
public:
    virtual ~Pending() = default;
    virtual bool done() const noexcept = 0;
    /// Calls off what has not begun; whether there was any.
    virtual bool cancel() noexcept = 0;
    /// REQUIRES: done(); once. Errors: those of the work.
    virtual ResultOf<R> take() = 0;
};

/// Logs what a callback threw.
void report_callback(std::exception_ptr error) noexcept;

/// A result with its callbacks: kept, so that they and get() can both have it.
template <class R> struct Outcome {
    std::unique_ptr<Pending<R>> pending; // null once it has been taken
    std::optional<ResultOf<R>> value;
    std::exception_ptr error;
    std::function<void(const ResultOf<R>&)> on_result;
    std::function<void(std::exception_ptr)> on_error;
    std::mutex mutex = {}; // two threads may both wait for it

    bool done() {
        const std::lock_guard lock(mutex);
        return pending == nullptr || pending->done();
    }
    void settle() {
        const std::lock_guard lock(mutex);
        if (pending == nullptr) return;
        try {
            value.emplace(pending->take());
        } catch (...) {
            error = std::current_exception();
        }
        pending.reset();
    }
    bool deliver() {
        if (!done()) return false;
        settle();
        try {
            if (error && on_error) on_error(error);
            if (!error && on_result) on_result(*value);
        } catch (...) {
            report_callback(std::current_exception());
        }
        return true;
    }
};

} // namespace detail

/// The result of apply_async, map_async or starmap_async, which is there or will come.
///
///     mp::AsyncResult<int> six = pool.apply_async([](int a, int b) { return a * b; }, 2, 3);
///     six.on_error([](std::exception_ptr) { ... });
///     int product = six.get();
///
/// Errors: std::logic_error for get() a second time and for successful() before ready();
/// BrokenPool when the pool is gone. Dropped before its time, it calls off what has not begun.
/// Thread-safety: use one object from one thread at a time.
template <class R> class AsyncResult {
public:
    AsyncResult() = default;
    AsyncResult(std::shared_ptr<detail::Core> core, std::unique_ptr<detail::Pending<R>> pending)
        : core_(std::move(core)), pending_(std::move(pending)) {}

    /// Blocks until the result is there. Errors: those of Pool::map; Cancelled; Interrupted.
    R get() { return get_within(std::nullopt); }
    /// Errors: TimeoutError when it does not come in time; then it can be asked for again.
    R get(Duration timeout) { return get_within(timeout); }

    /// Blocks until the work is done, well or not. Errors: Interrupted, BrokenPool.
    void wait() {
        (void)core_->wait([this] { return is_done(); });
    }
    /// Blocks for at most `timeout`; whether the work is done.
    bool wait(Duration timeout) {
        return core_->wait([this] { return is_done(); }, timeout);
    }
    /// Whether the work is done, well or not. Does not block.
    bool ready() {
        return core_->wait([this] { return is_done(); }, Duration::zero());
    }
    /// Whether it was done well.
    bool successful() {
        if (!ready()) throw std::logic_error("mp::AsyncResult: successful() before ready()");
        keep();
        outcome_->settle();
        return outcome_->error == nullptr;
    }
    /// Calls off what has not begun; whether there was any. get() then throws Cancelled, once what
    /// had begun is done.
    bool cancel() {
        if (outcome_) {
            const std::lock_guard lock(outcome_->mutex);
            return outcome_->pending != nullptr && outcome_->pending->cancel();
        }
        return pending_ && pending_->cancel();
    }

    /// `function`, which takes the result (nothing, for void), is called once it is there: on a
    /// thread that waits for this pool or collects from it, never on a hidden one. What it throws
    /// goes to the log.
    template <class F> AsyncResult& on_result(F function) & {
        keep();
        outcome_->on_result = [function = std::move(function)](
                                  [[maybe_unused]] const detail::ResultOf<R>& result) mutable {
            if constexpr (std::is_void_v<R>)
                function();
            else
                function(result);
        };
        return *this;
    }
    template <class F> AsyncResult on_result(F function) && {
        return std::move(on_result(std::move(function)));
    }
    /// The same for what get() would throw, as a std::exception_ptr.
    template <class F> AsyncResult& on_error(F function) & {
        keep();
        outcome_->on_error = std::move(function);
        return *this;
    }
    template <class F> AsyncResult on_error(F function) && {
        return std::move(on_error(std::move(function)));
    }

private:
    bool is_done() const {
        if (outcome_) return outcome_->done();
        return pending_ == nullptr || pending_->done();
    }

    void keep() {
        if (outcome_) return;
        if (!pending_) throw std::logic_error("mp::AsyncResult: get() was already called");
        outcome_ = std::make_shared<detail::Outcome<R>>();
        outcome_->pending = std::move(pending_);
        core_->call_back([outcome = outcome_] { return outcome->deliver(); });
    }

    R get_within(std::optional<Duration> timeout) {
        if (!core_ || (!pending_ && !outcome_))
            throw std::logic_error("mp::AsyncResult: get() was already called");
        if (!core_->wait([this] { return is_done(); }, timeout))
            throw TimeoutError("mp::AsyncResult: no result within the time that get() was given");
        const auto outcome = std::exchange(outcome_, nullptr);
        const auto pending = std::exchange(pending_, nullptr);
        if (outcome) {
            outcome->settle();
            if (outcome->error) std::rethrow_exception(outcome->error);
            if constexpr (!std::is_void_v<R>) return std::move(*outcome->value);
        } else if constexpr (std::is_void_v<R>) {
            pending->take();
        } else {
            return pending->take();
        }
    }

    std::shared_ptr<detail::Core> core_;
    std::unique_ptr<detail::Pending<R>> pending_;
    std::shared_ptr<detail::Outcome<R>> outcome_;
};

namespace detail {

/// One call in a task.
template <class Call, class T, class R, class Result>
class PendingCall final : public Pending<Result> {
public:
    using One = OneCall<Call, T, R>;

    PendingCall(Core& core, const void* closure, const T& item) : core_(&core) {
        std::vector<std::byte> packed;
        if constexpr (!is_flat<T>) packed = pack<T>(item);
        task_ = core_->take_task(sizeof(One) + packed.size());
        One& one = *::new (static_cast<void*>(task_ + 1)) One;
        std::memcpy(one.call, closure, sizeof(Call));
        if constexpr (is_flat<T>) {
            ::new (static_cast<void*>(one.item)) T(item);
        } else {
            auto* bytes = reinterpret_cast<std::byte*>(&one + 1);
            std::memcpy(bytes, packed.data(), packed.size());
            ::new (static_cast<void*>(one.item)) Packed{bytes, packed.size()};
        }
        if constexpr (!is_flat<R>) ::new (static_cast<void*>(one.result)) Packed{};
        task_->run = One::run;
        task_->items = 1;
        task_->first = 0;
        try {
            core_->submit(*task_);
        } catch (...) {
            core_->drop_task(task_, [](TaskSlot&) {});
            throw;
        }
    }
    ~PendingCall() override {
        if (task_ == nullptr) return;
        core_->drop_task(task_, [core = core_](TaskSlot& task) { discard(*core, task); });
    }

    bool done() const noexcept override { return task_->done(); }

    bool cancel() noexcept override {
        auto open = static_cast<std::uint32_t>(TaskState::open);
        return task_->state.compare_exchange_strong(
            open, static_cast<std::uint32_t>(TaskState::cancelled));
    }

    ResultOf<Result> take() override {
        struct Free {
            PendingCall& call;
            ~Free() {
                discard(*call.core_, *call.task_);
                call.core_->free_task(std::exchange(call.task_, nullptr));
            }
        } free{*this};
        switch (static_cast<TaskState>(task_->state.load(std::memory_order_acquire))) {
        case TaskState::finished: {
            Stored<R>& stored = One::of(*task_).stored();
            if constexpr (is_flat<R>)
                return stored;
            else
                return unpack<R>({stored.data, stored.size});
        }
        case TaskState::failed:
            throw take_error(core_->backend(), task_->failure);
        case TaskState::lost:
            throw WorkerDied(0, 0, task_->lost_pid, task_->lost_status);
        default:
            throw Cancelled();
        }
    }

private:
    static void discard(Core& core, TaskSlot& task) noexcept {
        if constexpr (!is_flat<R>) {
            const Packed& stored = One::of(task).stored();
            if (stored.data != nullptr) core.backend().release(stored.data);
        }
    }

    Core* core_; // whoever holds this holds the core as well
    TaskSlot* task_ = nullptr;
};

/// A whole map.
template <class Call, class T, class R, class Result>
class PendingMap final : public Pending<Result> {
public:
    /// Posts it. `results`: where they shall go; null: into memory of its own.
    template <class Items>
    PendingMap(Core& core, const void* closure, Items&& items, std::size_t chunksize,
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
        if constexpr (!is_flat<R>)
            std::memset(static_cast<void*>(results_), 0, size * sizeof(Packed));
        job_ = core_->post({.run = run_items<Call, T, R>,
                            .closure = closure,
                            .closure_size = sizeof(Call),
                            .items = items_.data(),
                            .item_size = is_flat<T> ? sizeof(T) : 0,
                            .results = results_,
                            .result_size = is_flat<R> ? sizeof(R) : 0,
                            .size = size,
                            .chunksize = chunksize});
        posted_ = true;
    }
    ~PendingMap() override {
        if (!posted_) return;
        // The workers must not write to what is no more.
        core_->backend().cancel(job_);
        try {
            (void)core_->wait([this] { return done(); });
            core_->backend().finish(job_);
        } catch (...) { // nobody asked for its result; or the workers are gone
        }
        release();
    }

    bool done() const noexcept override { return !posted_ || core_->backend().finished(job_); }
    bool cancel() noexcept override {
        if (done()) return false;
        core_->backend().cancel(job_);
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
        if (!std::exchange(posted_, false)) return;
        try {
            core_->backend().finish(job_);
        } catch (...) {
            release();
            throw;
        }
    }

private:
    std::vector<R> collect() {
        if constexpr (is_flat<R>) {
            return std::vector<R>(results_, results_ + items_.size());
        } else {
            std::vector<R> collected;
            collected.reserve(items_.size());
            for (std::size_t i = 0; i < items_.size(); ++i)
                collected.push_back(unpack<R>({results_[i].data, results_[i].size}));
            release();
            return collected;
        }
    }
    void release() noexcept {
        if constexpr (!is_flat<R>) release_packed(core_->backend(), results_, items_.size());
    }

    Core* core_; // whoever holds this holds the core as well
    ItemsForWorkers<T> items_;
    std::shared_ptr<void> memory_;
    Stored<R>* results_;
    JobId job_ = 0;
    bool posted_ = false;
};

} // namespace detail

} // namespace mp
