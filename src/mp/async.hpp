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

/// Logs what a callback threw.
void report_callback(std::exception_ptr error) noexcept;

/// A result with its callbacks: kept, so that they and get() can both have it. Several threads may
/// wait for it; the first to find it there takes it, calls back, and then it is told.
template <class R> class CallbackFuture {
public:
    explicit CallbackFuture(Future<R> future) : future_(std::move(future)) {}

    /// Lock-free: a wait asks it while it holds the pool's lock.
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
    /// Sets a callback; calls it at once where the result has been told already.
    void on_result(std::function<void(const ResultOf<R>&)> function) {
        add([&] { on_result_ = std::move(function); });
    }
    void on_error(std::function<void(std::exception_ptr)> function) {
        add([&] { on_error_ = std::move(function); });
    }
    /// Whether there is nothing left to do: it calls back if the result is there, or will never be,
    /// for the reason `end`.
    bool deliver(const std::exception_ptr& end) {
        if (!done()) {
            if (end == nullptr) return false;
            fail(end);
        }
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

/// The result of apply_async, map_async or starmap_async, which is there or will come.
///
///     mp::AsyncResult<int> six = pool.apply_async([](int a, int b) { return a * b; }, 2, 3);
///     six.on_error([](std::exception_ptr) { ... });
///     int product = six.get();
///
/// A result that is there stays, also after close(), terminate(), an interrupt and the pool's end.
///
/// Dropped before its time, it calls off what has not begun. What runs of a call goes on. The
/// destructor of a map's result returns once no worker uses the map's items or results any more: it
/// gives the running items 100 ms to end, then ends them with their worker processes, as a
/// task_timeout does. Threads cannot be ended: on that backend it blocks until the items that are
/// running return. With callbacks it calls off nothing, as they are still to be called.
/// Errors: std::logic_error for get() a second time and for successful() before ready();
/// BrokenPool for what was not there when the pool ended.
/// Thread-safety: use one object from one thread at a time.
template <class R> class AsyncResult {
public:
    AsyncResult() = default;
    AsyncResult(AsyncResult&&) noexcept = default;
    AsyncResult& operator=(AsyncResult&& other) noexcept {
        AsyncResult old(std::move(other)); // what this held goes in the right order
        core_.swap(old.core_);
        std::swap(work_, old.work_);
        return *this;
    }
    ~AsyncResult() = default;
    AsyncResult(std::shared_ptr<detail::Core> core, detail::Future<R> future)
        : core_(std::move(core)), work_(std::move(future)) {}

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
        return keep().successful();
    }
    /// Calls off what has not begun, and ends what is running together with its worker; whether
    /// there was any such work. get() then throws Cancelled. Threads cannot be ended: what they are
    /// running goes on, and a single call that is running is not called off.
    bool cancel() {
        if (!core_ || !core_->is_mine()) return false; // nor from a child that has a copy
        if (const Kept* kept = std::get_if<Kept>(&work_)) return (*kept)->cancel();
        return valid() && std::get<Future>(work_).cancel();
    }

    /// `function`, which takes the result (nothing, for void), is called once it is there: on a
    /// thread that waits for this pool or collects from it, never on a hidden one. What it throws
    /// goes to the log.
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
    /// The same for what get() would throw, as a std::exception_ptr: also for a result that will
    /// never come, as its pool was terminated or interrupted, or broke. Then terminate() calls it,
    /// or the call that finds out. The pool's destructor calls nothing, since what a callback
    /// refers to may be gone; the next call for a result of that pool does.
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
    using Kept = std::shared_ptr<detail::CallbackFuture<R>>; // once there are callbacks

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
