#pragma once

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <type_traits>
#include <vector>

#include "mp/backend.hpp"
#include "mp/duration.hpp"
#include "mp/task_memory.hpp"

namespace mp::detail {

/// State shared by a Pool and the results it still owes; it lives as long as the last of them.
/// Thread-safety: all methods from any thread.
class Core {
public:
    /// Errors: those of make_backend.
    Core(std::string_view backend, BackendOptions options);
    /// Ends the workers; in a child process it leaves them alone.
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    Backend& backend() { return *backend_; }
    Executor& executor() { return executor_; }
    unsigned processes() const { return processes_; }

    /// Returns whether this process made it; a child has a copy, which it must leave alone.
    bool is_mine() const noexcept;
    /// Errors: std::logic_error when called in another process or in one of the pool's own tasks.
    void check_caller() const;
    /// Errors: also std::logic_error after close() or terminate().
    void check_open() const;

    void close();
    void terminate();
    void join();
    /// terminate() for the pool's destructor: runs no callbacks; in a child it does nothing.
    void abandon() noexcept;

    /// A lazy map that still reads its input: while there is one, close() refuses only new calls.
    void begin_iteration();
    void end_iteration() noexcept;

    TaskMemory& tasks() { return tasks_; }
    /// Errors: those of Executor::submit.
    void submit(TaskSlot& task);
    /// Errors: those of Executor::post.
    JobId post(const Job& job);

    /// Blocks until `done()` is true, for at most `timeout`; then calls deliver().
    bool wait(const std::function<bool()>& done, std::optional<Duration> timeout = std::nullopt);

    /// Called on waiting threads until it returns that it has run the callbacks. Its argument is
    /// the error of work that is not done and never will be; null: it may still be done.
    using Callback = std::function<bool(const std::exception_ptr&)>;
    void call_back(Callback callback);
    /// Calls the registered functions. Once the pool has ended, it does so for the last time.
    void deliver();

private:
    enum class State { open, closed, terminated };
    void add_to_timeline() noexcept;
    void end(std::exception_ptr why) noexcept;
    template <class F> std::invoke_result_t<F&> watch_for_the_end(F&& act);

    pid_t owner_;
    const std::chrono::steady_clock::time_point made_ = std::chrono::steady_clock::now();
    const bool traced_; // it adds to the program's timeline
    std::unique_ptr<Backend> backend_;
    Executor& executor_;
    unsigned processes_;
    TaskMemory tasks_;
    mutable std::mutex mutex_;
    std::atomic<State> state_ = State::open; // changed under the lock
    unsigned open_iterations_ = 0;
    bool backend_closed_ = false;
    std::exception_ptr end_; // why no more results will arrive; null: they may
    std::vector<Callback> callbacks_;
    std::atomic<bool> has_callbacks_ = false; // true also for a moment after the last is gone
};

} // namespace mp::detail
