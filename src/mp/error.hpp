#pragma once

#include <sys/types.h>

#include <cstddef>
#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

namespace mp {

/// How a child ended, where that is not known: SIGCHLD is ignored, or another part of the program
/// has reaped the child.
inline constexpr int unknown_exit = std::numeric_limits<int>::min();

/// A task threw: what it said, carried from the worker to the caller.
class RemoteError : public std::runtime_error {
public:
    RemoteError(std::string what, std::string type_name, std::size_t item, pid_t pid, int rank = -1,
                std::string host = {});

    /// The demangled name of the exception's type, such as "std::out_of_range".
    const std::string& type_name() const { return type_name_; }
    /// The index, from 0, of the input whose task threw.
    std::size_t item() const { return item_; }
    pid_t pid() const { return pid_; }
    /// The rank that ran it, and its host; -1 and empty where the pool's workers are on one
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

/// A worker ended while it ran this item, as often as PoolOptions::retries allows and once more:
/// killed, crashed, or left by exit().
class WorkerDied : public std::runtime_error {
public:
    /// `status` is an exit code, -N for an end by signal N, as in Python's `exitcode`, or
    /// unknown_exit.
    WorkerDied(std::size_t item, pid_t pid, int status, bool out_of_memory);

    /// The index, from 0, of the input that it was running.
    std::size_t item() const { return item_; }
    /// Of the last worker that died of it.
    pid_t pid() const { return pid_; }
    /// As given above: never 0 unless the worker left with that.
    int exitcode() const { return status_; }
    /// Whether the kernel killed it for want of memory, as its counters tell.
    bool out_of_memory() const { return out_of_memory_; }

private:
    std::size_t item_;
    pid_t pid_;
    int status_;
    bool out_of_memory_;
};

/// A result was not there in time, or an item ran longer than PoolOptions::task_timeout.
class TimeoutError : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// Work was called off.
class Cancelled : public std::runtime_error {
public:
    Cancelled() : std::runtime_error("mp: the work was cancelled") {}
};

/// The pool can run nothing any more: its workers die as fast as they are replaced.
class BrokenPool : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

/// A rank of the job ended, or its host cannot be reached: the job is over.
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

/// mp::interrupt() was called while a pool or a process was waited for.
class Interrupted : public std::runtime_error {
public:
    Interrupted() : std::runtime_error("interrupted") {}
};

/// "SIGKILL" for -9, "exit code 3" for 3: how a child ended, in words.
/// `status` is an exit code, -N for an end by signal N, or unknown_exit.
std::string describe_exit(int status);

} // namespace mp
