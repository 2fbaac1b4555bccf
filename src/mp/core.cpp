#include "mp/core.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>
#include <utility>

#include "mp/async.hpp"
#include "mp/backends/backends.hpp"
#include "mp/error.hpp"
#include "mp/failure.hpp"
#include "mp/log.hpp"
#include "mp/os/child.hpp"
#include "mp/program_trace.hpp"
#include "mp/worker.hpp"

namespace mp::detail {

namespace {

BackendOptions with_trace(BackendOptions options, bool traced) {
    options.trace = options.trace || traced;
    return options;
}

} // namespace

Core::Core(std::string_view backend, BackendOptions options)
    : owner_(os::current_pid()), traced_(trace_requested()),
      backend_(make_backend(backend, with_trace(std::move(options), traced_))),
      executor_(backend_->executor()), processes_(backend_->processes()), tasks_(*backend_) {}

Core::~Core() {
    // In a child that leaves by exit(), static pools are destroyed as well. Neither the workers nor
    // the memory belong to the child.
    if (!is_mine()) {
        (void)backend_.release();
        return;
    }
    backend_->terminate();
    if (traced_) add_to_timeline();
    std::exchange(callbacks_, {}).clear(); // they hold objects that still refer to this
    tasks_.collect_done();
}

void Core::add_to_timeline() noexcept {
    try {
        trace_pool(made_, backend_->trace());
    } catch (const std::exception& error) {
        log(LogLevel::warning, std::string("a pool is left out of the timeline: ") + error.what());
    }
}

bool Core::is_mine() const noexcept { return owner_ == os::current_pid(); }

void Core::begin_iteration() {
    const std::lock_guard lock(mutex_);
    ++open_iterations_;
}

void Core::end_iteration() noexcept {
    {
        const std::lock_guard lock(mutex_);
        if (--open_iterations_ != 0 || state_ != State::closed ||
            std::exchange(backend_closed_, true))
            return;
    }
    backend_->close();
}

void Core::check_caller() const {
    if (!is_mine())
        throw std::logic_error("mp::Pool: this pool belongs to process " + std::to_string(owner_) +
                               "; a child makes a pool of its own");
    if (backend_of_this_thread() == backend_.get())
        throw std::logic_error(
            "mp::Pool: a task cannot use the pool that runs it; it may make a pool of its own");
}

void Core::check_open() const {
    check_caller();
    const State now = state_.load();
    if (now != State::open)
        throw std::logic_error(now == State::closed ? "mp::Pool: used after close()"
                                                    : "mp::Pool: used after terminate()");
}

void Core::close() {
    check_caller();
    {
        const std::lock_guard lock(mutex_);
        if (state_ != State::open) return;
        state_ = State::closed;
        if (open_iterations_ != 0 || std::exchange(backend_closed_, true)) return;
    }
    backend_->close();
}

void Core::terminate() {
    check_caller();
    abandon();
    deliver();
}

void Core::abandon() noexcept {
    if (!is_mine()) return;
    {
        const std::lock_guard lock(mutex_);
        state_ = State::terminated;
    }
    backend_->terminate();
    end(std::make_exception_ptr(BrokenPool("mp: the pool was terminated")));
}

// REQUIRES: the backend has ended, so that unfinished work will never be done.
void Core::end(std::exception_ptr why) noexcept {
    const std::lock_guard lock(mutex_);
    state_ = State::terminated;
    if (end_ == nullptr) end_ = std::move(why);
}

void Core::join() {
    check_caller();
    bool terminated = false;
    {
        const std::lock_guard lock(mutex_);
        if (state_ == State::open)
            throw std::logic_error("mp::Pool: join() before close() or terminate()");
        terminated = state_ == State::terminated; // terminate() has then waited for the workers
        backend_closed_ = true;
    }
    if (!terminated) {
        backend_->close(); // even if lazy maps remain: after join() they read no further
        watch_for_the_end([&] { backend_->join(); });
    }
    deliver();
}

// A pool that was interrupted or is broken is of no further use.
template <class F> std::invoke_result_t<F&> Core::watch_for_the_end(F&& act) {
    const auto tell = [this] {
        end(std::current_exception());
        deliver();
    };
    try {
        return act();
    } catch (const Interrupted&) {
        tell();
        throw;
    } catch (const BrokenPool&) {
        tell();
        throw;
    }
}

void Core::submit(TaskSlot& task) {
    task.status.reset(TaskState::open);
    watch_for_the_end([&] { executor_.submit(task); });
}

JobId Core::post(const Job& job) {
    return watch_for_the_end([&] { return executor_.post(job); });
}

bool Core::wait(const std::function<bool()>& done, std::optional<Duration> timeout) {
    std::optional<std::chrono::steady_clock::time_point> deadline;
    if (timeout) {
        const auto now = std::chrono::steady_clock::now();
        const auto longest = std::chrono::steady_clock::time_point::max() - now;
        deadline = now + std::min(std::chrono::duration_cast<Duration>(longest),
                                  std::max(*timeout, Duration::zero()));
    }
    const bool held = done() || watch_for_the_end([&] { return executor_.wait(done, deadline); });
    deliver();
    return held;
}

void Core::call_back(Callback callback) {
    bool ended = false;
    {
        const std::lock_guard lock(mutex_);
        callbacks_.push_back(std::move(callback));
        has_callbacks_.store(true);
        ended = end_ != nullptr;
    }
    if (ended) deliver();
}

void Core::deliver() {
    if (!has_callbacks_.load()) return;
    std::vector<Callback> asked;
    std::exception_ptr why;
    do {
        {
            const std::lock_guard lock(mutex_);
            asked.insert(asked.end(), std::make_move_iterator(callbacks_.begin()),
                         std::make_move_iterator(callbacks_.end()));
            callbacks_.clear(); // a callback may use the pool
            has_callbacks_.store(false);
            why = end_;
        }
        std::erase_if(asked, [&why](const Callback& each) { return each(why); });
        const std::lock_guard lock(mutex_);
        if (end_ != why) continue; // the pool has ended in the meantime
        callbacks_.insert(callbacks_.begin(), std::make_move_iterator(asked.begin()),
                          std::make_move_iterator(asked.end()));
        has_callbacks_.store(!callbacks_.empty());
        asked.clear();
    } while (!asked.empty());
}

void report_callback(std::exception_ptr error) noexcept {
    try {
        std::rethrow_exception(error);
    } catch (...) {
        const Failure failure = current_failure();
        log(LogLevel::warning, "a callback threw " + failure.type_name + ": " + failure.what);
    }
}

} // namespace mp::detail
