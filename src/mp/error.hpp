#pragma once

#include <sys/types.h>

#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace mp {

/// The exit status of a child when it is not known: SIGCHLD is ignored, or another part of the
/// program has reaped the child.
inline constexpr int unknown_exit = std::numeric_limits<int>::min();

/// A task threw an exception; this carries its message from the worker to the caller.
class RemoteError : public std::runtime_error {
public:
    RemoteError(std::string what, std::string type_name, std::size_t item, pid_t pid, int rank = -1,
                std::string host = {});

    /// The demangled type name of the exception, such as "std::out_of_range".
    const std::string& type_name() const { return type_name_; }
    /// The index, from 0, of the input whose task threw.
    std::size_t item() const { return item_; }
    pid_t pid() const { return pid_; }
    /// The rank that ran it, and its host; -1 and empty when all workers of the pool are on one
    /// machine.
    int rank() const { return rank_; }
    const std::string& host() const { return host_; }

private:
    std::string type_name_;
    std::size_t item_;
    pid_t pid_;
    int rank_;
    std::string host_;
};

/// A worker ended while it ran this item, one time more than PoolOptions::retries allows. It was
/// killed, crashed, or called exit().
class WorkerDied : public std::runtime_error {
public:
    /// `status` is an exit code, -N if signal N ended it (as in Python's `exitcode`), or
    /// unknown_exit.
    WorkerDied(std::size_t item, pid_t pid, int status, bool out_of_memory);

    /// The index, from 0, of the input that the worker was running.
    std::size_t item() const { return item_; }
    /// The process id of the last worker that died while running the item.
    pid_t pid() const { return pid_; }
    /// As in the constructor: 0 only if the worker exited with 0.
    int exitcode() const { return status_; }
    /// Whether the kernel's counters show that it was killed because memory had run out.
    bool out_of_memory() const { return out_of_memory_; }

private:
    std::size_t item_;
    pid_t pid_;
    int status_;
    bool out_of_memory_;
};

/// A result did not arrive in time, or an item ran longer than PoolOptions::task_timeout.
class TimeoutError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// The work was cancelled.
class Cancelled : public std::runtime_error {
public:
    Cancelled() : std::runtime_error("mp: the work was cancelled") {}
};

/// The pool cannot run anything more: its workers die as fast as they are replaced.
class BrokenPool : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A rank of the job ended, or its host cannot be reached. The job is over.
class RankLost : public BrokenPool {
public:
    RankLost(const std::string& what, int rank, std::string host)
        : BrokenPool(what), rank_(rank), host_(std::move(host)) {}

    int rank() const { return rank_; }
    const std::string& host() const { return host_; }

private:
    int rank_;
    std::string host_;
};

/// mp::interrupt() was called while a thread waited for a pool or a process.
class Interrupted : public std::runtime_error {
public:
    Interrupted() : std::runtime_error("interrupted") {}
};

/// How a child ended, in words: "SIGKILL" for -9, "exit code 3" for 3. `status` is an exit code, -N
/// if signal N ended it, or unknown_exit.
std::string describe_exit(int status);

} // namespace mp
