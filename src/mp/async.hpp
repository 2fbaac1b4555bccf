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
#include <variant>

#include "mp/core.hpp"
#include "mp/duration.hpp"
#include "mp/error.hpp"
#include "mp/future.hpp"

namespace mp {

namespace detail {

/// Logs the exception that a callback threw.
void report_callback(std::exception_ptr error) noexcept;

/// A result with callbacks, kept so that both they and get() can use it. Several threads may wait
/// for it; the first that finds it takes it and runs the callbacks, and only then is it told.
template <class R> class CallbackFuture {
public:
    explicit CallbackFuture(Future<R> future) : future_(std::move(future)) {}

    /// Lock-free: a waiting thread calls it while holding the pool's lock.
    bool done() const noexcept { return taken_.load() || future_.done(); }
    bool cancel() noexcept {
        const std::lock_guard lock(mutex_);
        return !taken_.load() && future_.cancel();
    }
    /// REQUIRES: done().
    bool successful() {
        take();
        return error_ == nullptr;
    }
    /// Sets a callback; calls it at once if the result has already been told.
    void on_result(std::function<void(const ResultOf<R>&)> function) {
        add([&] { on_result_ = std::move(function); });
    }
    void on_error(std::function<void(std::exception_ptr)> function) {
        add([&] { on_error_ = std::move(function); });
    }
    /// Runs the callbacks if the result is there, or if `end` says why it never will be. Returns
    /// whether nothing is left to do.
    bool deliver(const std::exception_ptr& end) {
        if (!done()) {
            if (end == nullptr) return false;
            fail(end);
        }
        take();
        tell();
        return true;
    }
    /// REQUIRES: done(); call once. Errors: those of the work.
    ResultOf<R> get() {
        take();
        tell();
        if (error_) std::rethrow_exception(error_);
        return std::move(*value_);
    }

private:
    void fail(const std::exception_ptr& why) {
        const std::lock_guard lock(mutex_);
        if (taken_.load()) return;
        error_ = why;
        taken_.store(true);
    }

    void take() {
        const std::lock_guard lock(mutex_);
        if (taken_.load()) return;
        try {
            value_.emplace(future_.take());
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

    // A callback may use this result again, so the lock must be recursive.
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

    Future<R> future_;
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

/// The result, present or future, of apply_async, map_async or starmap_async.
///
///     mp::AsyncResult<int> six = pool.apply_async([](int a, int b) { return a * b; }, 2, 3);
///     six.on_error([](std::exception_ptr) { ... });
///     int product = six.get();
///
/// A result that has arrived stays, even after close(), terminate(), an interrupt or the end of the
/// pool.
///
/// Destroying it early cancels work that has not started. A call that is already running continues.
/// The destructor of a map's result returns once no worker uses the map's items or results: it
/// gives the running items 100 ms to finish, then ends their worker processes, as a task_timeout
/// does. Threads cannot be ended: with that backend it blocks until the running items return. If
/// there are callbacks, it cancels nothing, because they must still be called.
/// Errors: std::logic_error for a second get() and for successful() before ready(); BrokenPool for
/// results that had not arrived when the pool ended.
/// Thread-safety: use one object from one thread at a time.
template <class R> class AsyncResult {
public:
    AsyncResult() = default;
    AsyncResult(AsyncResult&&) noexcept = default;
    AsyncResult& operator=(AsyncResult&& other) noexcept {
        AsyncResult old(
            std::move(other)); // destroys the members of the old state in the right order
        core_.swap(old.core_);
        std::swap(work_, old.work_);
        return *this;
    }
    ~AsyncResult() = default;
    AsyncResult(std::shared_ptr<detail::Core> core, detail::Future<R> future)
        : core_(std::move(core)), work_(std::move(future)) {}

    /// Blocks until the result is there. Errors: those of Pool::map; Cancelled; Interrupted.
    R get() { return get_within(std::nullopt); }
    /// Errors: TimeoutError when it does not arrive in time; you may then call get() again.
    R get(Duration timeout) { return get_within(timeout); }

    /// Blocks until the work has ended, successfully or not. Errors: Interrupted, BrokenPool.
    void wait() {
        (void)core().wait([this] { return is_done(); });
    }
    /// Blocks for at most `timeout`. Returns whether the work has ended.
    bool wait(Duration timeout) {
        return core().wait([this] { return is_done(); }, timeout);
    }
    /// Returns whether the work has ended, successfully or not. Does not block.
    bool ready() {
        return core().wait([this] { return is_done(); }, Duration::zero());
    }
    /// Returns whether the work succeeded.
    bool successful() {
        if (!ready()) throw std::logic_error("mp::AsyncResult: successful() before ready()");
        return keep().successful();
    }
    /// Cancels work that has not started, and ends running work together with its worker. Returns
    /// whether there was any such work. get() then throws Cancelled. Threads cannot be ended: what
    /// they are running continues, and a single running call is not cancelled.
    bool cancel() {
        if (!core_ || !core_->is_mine()) return false; // nor from a child, which has a copy
        if (const Kept* kept = std::get_if<Kept>(&work_)) return (*kept)->cancel();
        return valid() && std::get<Future>(work_).cancel();
    }

    /// Calls `function` with the result (with nothing for void) once it has arrived. The call is
    /// made on a thread that waits for this pool or collects from it, never on a hidden thread.
    /// What it throws is logged.
    template <class F> AsyncResult& on_result(F function) & {
        keep().on_result([function = std::move(function)](
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
    /// The same for what get() would throw, as a std::exception_ptr. This includes a result that
    /// will never arrive because its pool was terminated, was interrupted, or broke. Then
    /// terminate() calls it, or the call that notices. The pool's destructor runs no callback,
    /// because what a callback refers to may be gone; the next call on a result of that pool does.
    template <class F> AsyncResult& on_error(F function) & {
        keep().on_error(std::move(function));
        call_back();
        return *this;
    }
    template <class F> AsyncResult on_error(F function) && {
        return std::move(on_error(std::move(function)));
    }

private:
    using Future = detail::Future<R>;
    using Kept = std::shared_ptr<detail::CallbackFuture<R>>; // used once there are callbacks

    detail::Core& core() const {
        if (!core_ || !valid()) throw std::logic_error("mp::AsyncResult: get() was already called");
        core_->check_caller();
        return *core_;
    }

    bool valid() const {
        const Future* future = std::get_if<Future>(&work_);
        return future == nullptr || *future;
    }
    bool is_done() const {
        const Future* future = std::get_if<Future>(&work_);
        return future != nullptr ? future->done() : std::get<Kept>(work_)->done();
    }

    detail::CallbackFuture<R>& keep() {
        (void)core();
        if (Future* future = std::get_if<Future>(&work_))
            work_ = std::make_shared<detail::CallbackFuture<R>>(std::move(*future));
        return *std::get<Kept>(work_);
    }

    void call_back() {
        core_->call_back([kept = std::get<Kept>(work_)](const std::exception_ptr& end) {
            return kept->deliver(end);
        });
    }

    R get_within(std::optional<Duration> timeout) {
        detail::Core& all = core();
        if (is_done())
            all.deliver();
        else if (!all.wait([this] { return is_done(); }, timeout))
            throw TimeoutError("mp::AsyncResult: no result within the time that get() was given");
        auto work = std::exchange(work_, {});
        Future* future = std::get_if<Future>(&work);
        if constexpr (std::is_void_v<R>)
            future != nullptr ? future->take() : std::get<Kept>(work)->get();
        else
            return future != nullptr ? future->take() : std::get<Kept>(work)->get();
    }

    std::shared_ptr<detail::Core> core_;
    std::variant<Future, Kept> work_;
};

} // namespace mp
