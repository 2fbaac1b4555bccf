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

/// Runs one function in a separate process.
///
///     mp::Process greet([](int n) { std::printf("hello from %d\n", n); }, 1);
///     greet.start();
///     greet.join();
///
/// The child is a copy of this process at start(): it sees every variable as it was then, and its
/// changes are not seen here. Return data through a SharedValue or SharedArray. Exit codes: 0 when
/// the function returns, 1 when it throws (the log hook gets the message), -N when signal N ended
/// it. Errors: std::system_error when the kernel refuses; std::logic_error for a call out of order,
/// and for any call on a moved-from object. After fork: only the calling thread exists in the
/// child. Thread-safety: use one object from one thread at a time.
class Process {
public:
    /// Prepares a process; the arguments are copied, as by std::thread.
    template <class F, class... Args>
        requires(!std::is_same_v<std::remove_cvref_t<F>, Process>)
    explicit Process(F&& function, Args&&... args)
        : Process(Prepared(),
                  std::function<void()>([call = std::make_shared<Call<F, Args...>>(
                                             std::forward<F>(function),
                                             std::forward<Args>(args)...)] { call->run(); })) {}
    Process(Process&&) noexcept;
    Process& operator=(Process&&) noexcept;
    /// If the child still runs, ends it (SIGTERM, then SIGKILL) and reaps it.
    ~Process();

    /// Starts the child and returns at once.
    void start();
    /// Blocks until the child has ended. Errors: Interrupted.
    void join();
    /// Blocks for at most `timeout`; returns whether the child has ended. Zero or less does not
    /// wait. Errors: Interrupted.
    bool join(Duration timeout);
    /// Sends SIGTERM; does nothing to a child that has ended. If this process has given up rights
    /// since start() and may not send it, the child is killed instead.
    void terminate();
    /// Kills it; does nothing to a child that has ended.
    void kill();

    bool is_alive();
    /// The child's process id; 0 before start().
    pid_t pid() const;
    /// How the child ended: its exit code, or -N if signal N ended it. Empty while it runs, and
    /// when it cannot be known: SIGCHLD is ignored, or other code has reaped the child.
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
    State& joinable() const; // the same, and also: started, by this process

    std::unique_ptr<State> state_;
};

namespace this_process {
pid_t pid();
pid_t parent_pid();
} // namespace this_process

} // namespace mp
