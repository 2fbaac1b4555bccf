#pragma once

#include <sys/types.h>

#include <functional>
#include <memory>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "mp/duration.hpp"

namespace mp {

/// One function, run in a process of its own.
///
///     mp::Process greet([](int n) { std::printf("hello from %d\n", n); }, 1);
///     greet.start();
///     greet.join();
///
/// The child is a copy of this process at start(): it sees every variable as it was, and nothing
/// that it changes is seen here; what must come back goes through a SharedValue or SharedArray.
/// Exit codes: 0 when the function returns, 1 when it throws (the log hook tells what), -N when
/// signal N ended it. Errors: std::system_error when the kernel refuses; std::logic_error for a
/// call out of order, and for any call of an object that was moved from. After fork: only the
/// calling thread exists in the child. Thread-safety: use one object from one thread at a time.
class Process {
public:
    /// Prepares a process; arguments are copied, as by std::thread.
    template <class F, class... Args>
        requires(!std::is_same_v<std::remove_cvref_t<F>, Process>)
    explicit Process(F&& function, Args&&... args)
        : Process(Prepared(),
                  std::function<void()>([call = std::make_shared<Call<F, Args...>>(
                                             std::forward<F>(function),
                                             std::forward<Args>(args)...)] { call->run(); })) {}
    Process(Process&&) noexcept;
    Process& operator=(Process&&) noexcept;
    /// Ends (SIGTERM, then SIGKILL) and reaps what still runs.
    ~Process();

    /// Starts the child and returns at once.
    void start();
    /// Blocks until the child has ended. Errors: Interrupted.
    void join();
    /// Blocks for at most `timeout`; whether the child has ended. Zero or less does not wait.
    /// Errors: Interrupted.
    bool join(Duration timeout);
    /// Sends SIGTERM; does nothing to a child that has ended. Where this process may not, having
    /// given up rights since start(), the child is killed instead.
    void terminate();
    /// Kills it; does nothing to a child that has ended.
    void kill();

    bool is_alive();
    /// The child's process id; 0 before start().
    pid_t pid() const;
    /// How the child ended: its exit code, or -N for an end by signal N. Empty while it runs, and
    /// where that cannot be known: SIGCHLD is ignored, or other code of the program has reaped it.
    std::optional<int> exitcode();

private:
    template <class F, class... Args> struct Call {
        std::decay_t<F> function;
        std::tuple<std::decay_t<Args>...> args;

        template <class G, class... A>
        explicit Call(G&& g, A&&... a)
            : function(std::forward<G>(g)), args(std::forward<A>(a)...) {}
        void run() { std::apply(std::move(function), std::move(args)); }
    };
    struct State;
    struct Prepared {};

    Process(Prepared, std::function<void()> function);
    State& state() const;    // REQUIRES, else std::logic_error: not moved from
    State& joinable() const; // likewise: started, by this process

    std::unique_ptr<State> state_;
};

namespace this_process {
pid_t pid();
pid_t parent_pid();
} // namespace this_process

} // namespace mp
