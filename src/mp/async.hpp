#pragma once

#include <atomic>
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

/// A result with its callbacks: kept, so that they and get() can both have it. Several threads may
/// wait for it; the first to find it there takes it, calls back, and then it is told.
template <class R> class Outcome {
public:
    explicit Outcome(std::unique_ptr<Pending<R>> pending) : pending_(std::move(pending)) {}

    /// Lock-free: a wait asks it while it holds the pool's lock.
    bool done() const noexcept { return taken_.load() || pending_->done(); }
    bool cancel() noexcept {
        const std::lock_guard lock(mutex_);
        return !taken_.load() && pending_->cancel();
    }
    /// REQUIRES: done().
    bool successful() {
        take();
        return error_ == nullptr;
    }
    /// Sets a callback; calls it at once where the result has been told already.
    void on_result(std::function<void(const ResultOf<R>&)> function) {
        add([&] { on_result_ = std::move(function); });
    }
    void on_error(std::function<void(std::exception_ptr)> function) {
        add([&] { on_error_ = std::move(function); });
    }
    /// Whether there is nothing left to do: it calls back if the result is there.
    bool deliver() {
        if (!done()) return false;
        take();
        tell();
        return true;
    }
    /// REQUIRES: done(); once. Errors: those of the work.
    ResultOf<R> get() {
        take();
        tell();
        if (error_) std::rethrow_exception(error_);
        return std::move(*value_);
    }

private:
    void take() {
        const std::lock_guard lock(mutex_);
        if (taken_.load()) return;
        try {
            value_.emplace(pending_->take());
        } catch (...) {
            error_ = std::current_exception();
        }
        taken_.store(true);
    }

    template <class F> void add(F set) {
        {
            const std::lock_guard lock(telling_);
            set();
            told_ = false;
        }
        if (taken_.load()) tell();
    }

    // A callback may come back to this result, so the lock is one that its thread can take again.
    void tell() {
        const std::lock_guard lock(telling_);
        if (std::exchange(told_, true)) return;
        try {
            const auto failed = std::exchange(on_error_, nullptr);
            const auto succeeded = std::exchange(on_result_, nullptr);
            if (error_ && failed) failed(error_);
            if (!error_ && succeeded) succeeded(*value_);
        } catch (...) {
            report_callback(std::current_exception());
        }
    }

    std::unique_ptr<Pending<R>> pending_;
    std::atomic<bool> taken_ = false;
    std::optional<ResultOf<R>> value_;
    std::exception_ptr error_;
    std::mutex mutex_;
    std::recursive_mutex telling_;
    bool told_ = false;
    std::function<void(const ResultOf<R>&)> on_result_;
    std::function<void(std::exception_ptr)> on_error_;
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
    AsyncResult(AsyncResult&&) noexcept = default;
    AsyncResult& operator=(AsyncResult&& other) noexcept {
        AsyncResult old(std::move(other)); // what this held goes in the right order
        core_.swap(old.core_);
        pending_.swap(old.pending_);
        outcome_.swap(old.outcome_);
        return *this;
    }
    ~AsyncResult() = default;
    AsyncResult(std::shared_ptr<detail::Core> core, std::unique_ptr<detail::Pending<R>> pending)
        : core_(std::move(core)), pending_(std::move(pending)) {}

    /// Blocks until the result is there. Errors: those of Pool::map; Cancelled; Interrupted.
    R get() { return get_within(std::nullopt); }
    /// Errors: TimeoutError when it does not come in time; then it can be asked for again.
    R get(Duration timeout) { return get_within(timeout); }

    /// Blocks until the work is done, well or not. Errors: Interrupted, BrokenPool.
    void wait() {
        (void)core().wait([this] { return is_done(); });
    }
    /// Blocks for at most `timeout`; whether the work is done.
    bool wait(Duration timeout) {
        return core().wait([this] { return is_done(); }, timeout);
    }
    /// Whether the work is done, well or not. Does not block.
    bool ready() {
        return core().wait([this] { return is_done(); }, Duration::zero());
    }
    /// Whether it was done well.
    bool successful() {
        if (!ready()) throw std::logic_error("mp::AsyncResult: successful() before ready()");
        keep();
        return outcome_->successful();
    }
    /// Calls off what has not begun; whether there was any. get() then throws Cancelled, once what
    /// had begun is done.
    bool cancel() {
        if (outcome_) return outcome_->cancel();
        return pending_ && pending_->cancel();
    }

    /// `function`, which takes the result (nothing, for void), is called once it is there: on a
    /// thread that waits for this pool or collects from it, never on a hidden one. What it throws
    /// goes to the log.
    template <class F> AsyncResult& on_result(F function) & {
        keep();
        outcome_->on_result([function = std::move(function)](
                                [[maybe_unused]] const detail::ResultOf<R>& result) mutable {
            if constexpr (std::is_void_v<R>)
                function();
            else
                function(result);
        });
        call_back();
        return *this;
    }
    template <class F> AsyncResult on_result(F function) && {
        return std::move(on_result(std::move(function)));
    }
    /// The same for what get() would throw, as a std::exception_ptr.
    template <class F> AsyncResult& on_error(F function) & {
        keep();
        outcome_->on_error(std::move(function));
        call_back();
        return *this;
    }
    template <class F> AsyncResult on_error(F function) && {
        return std::move(on_error(std::move(function)));
    }

private:
    detail::Core& core() const {
        if (!core_ || (!pending_ && !outcome_))
            throw std::logic_error("mp::AsyncResult: get() was already called");
        core_->check_caller();
        return *core_;
    }

    bool is_done() const { return outcome_ ? outcome_->done() : pending_->done(); }

    void keep() {
        (void)core();
        if (!outcome_) outcome_ = std::make_shared<detail::Outcome<R>>(std::move(pending_));
    }

    void call_back() {
        core_->call_back([outcome = outcome_] { return outcome->deliver(); });
    }

    R get_within(std::optional<Duration> timeout) {
        if (!core().wait([this] { return is_done(); }, timeout))
            throw TimeoutError("mp::AsyncResult: no result within the time that get() was given");
        const auto outcome = std::exchange(outcome_, nullptr);
        const auto pending = std::exchange(pending_, nullptr);
        if constexpr (std::is_void_v<R>)
            outcome ? outcome->get() : pending->take();
        else
            return outcome ? outcome->get() : pending->take();
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
        task_ = core_->take_task(sizeof(One));
        One& one = *::new (static_cast<void*>(task_ + 1)) One;
        std::memcpy(one.call, closure, sizeof(Call));
        if constexpr (is_flat<T>) {
            ::new (static_cast<void*>(one.item)) T(item);
        } else {
            try {
                const std::vector<std::byte> packed = pack<T>(item);
                argument_ = core_->backend().allocate(packed.size());
                auto* bytes = static_cast<std::byte*>(argument_.get());
                if (!packed.empty()) std::memcpy(bytes, packed.data(), packed.size());
                ::new (static_cast<void*>(one.item)) Packed{bytes, packed.size()};
            } catch (...) {
                core_->free_task(task_);
                throw;
            }
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
        if (taken_ || !core_->is_mine()) return;
        core_->drop_task(task_, [core = core_, argument = std::move(argument_)](TaskSlot& task) {
            discard(*core, task);
        });
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
                call.taken_ = true;
                call.core_->free_task(call.task_);
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

    Core* core_;                     // whoever holds this holds the core as well
    TaskSlot* task_ = nullptr;       // its memory stays a task's, also when it has been taken
    std::shared_ptr<void> argument_; // the bytes of a packed one
    bool taken_ = false;
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
        if (!posted_ || !core_->is_mine()) return;
        // The workers must not write to what is no more.
        core_->backend().cancel(job_);
        try {
            (void)core_->backend().wait([this] { return done(); }, std::nullopt);
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
        if (!posted_.exchange(false)) return;
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
    std::atomic<bool> posted_ = false;
};

} // namespace detail

} // namespace mp
