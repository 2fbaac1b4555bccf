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

/// What a Pool and the results that it still owes have in common; it lives as long as the last of
/// them. Thread-safety: all methods from any thread.
class Core {
public:
    /// Errors: those of make_backend.
    Core(std::string_view backend, BackendOptions options);
    /// Ends the workers; in a child it leaves them alone.
    ~Core();
    Core(const Core&) = delete;
    Core& operator=(const Core&) = delete;

    Backend& backend() { return *backend_; }
    Executor& executor() { return executor_; }
    unsigned processes() const { return processes_; }

    /// Whether this process made it; a child has a copy, which it must leave alone.
    bool is_mine() const noexcept;
    /// Errors: std::logic_error when the caller is another process or one of the pool's own tasks.
    void check_caller() const;
    /// Errors: std::logic_error after close() or terminate(), too.
    void check_open() const;

    void close();
    void terminate();
    void join();
    /// terminate() for the pool's destructor: calls nobody back; in a child it does nothing.
    void abandon() noexcept;

    /// A lazy map that still reads its input: while there is one, close() only refuses new calls.
    void begin_iteration();
    void end_iteration() noexcept;

    TaskMemory& tasks() { return tasks_; }
    /// Errors: those of Executor::submit.
    void submit(TaskSlot& task);
    /// Errors: those of Executor::post.
    JobId post(const Job& job);

    /// Blocks until `done`, at most for `timeout`; then calls deliver().
    bool wait(const std::function<bool()>& done, std::optional<Duration> timeout = std::nullopt);

    /// Is asked, on a thread that waits, until it says that it has called back. It gets the error
    /// of what is not done by now and never will be; null: that may still come.
    using Callback = std::function<bool(const std::exception_ptr&)>;
    void call_back(Callback callback);
    /// Asks the callbacks. Once the pool has ended, that is their last time.
    void deliver();

private:
    enum class State { open, closed, terminated };
    void add_to_timeline() noexcept;
    void end(std::exception_ptr why) noexcept;
    template <class F> std::invoke_result_t<F&> watch_for_the_end(F&& act);

    pid_t owner_;
    const std::chrono::steady_clock::time_point made_ = std::chrono::steady_clock::now();
    const bool traced_; // for the program's timeline
    std::unique_ptr<Backend> backend_;
    Executor& executor_;
    unsigned processes_;
    TaskMemory tasks_;
    mutable std::mutex mutex_;
    std::atomic<State> state_ = State::open; // changed under the lock
    unsigned open_iterations_ = 0;
    bool backend_closed_ = false;
    std::exception_ptr end_; // why no more results will come; null: they may
    std::vector<Callback> callbacks_;
    std::atomic<bool> has_callbacks_ = false; // or had, a moment ago
};

} // namespace mp::detail
