#pragma once

/// What workers did, and when.

#include <sys/types.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mp {

/// A range of items that one worker ran without a pause.
struct ChunkTime {
    double seconds = 0;
    std::size_t first = 0; ///< its first item; only with PoolOptions::trace, else 0
    std::size_t items = 0; ///< the number of items; only with PoolOptions::trace, else 0
};

/// What the workers with one index have done since the pool was made, including replaced ones.
struct WorkerStats {
    unsigned index = 0;         ///< 0 .. processes - 1
    int rank = -1;              ///< the worker's rank, if there are several; -1: there are no ranks
    std::string host{};         ///< the host of that rank
    pid_t pid = 0;              ///< of the process that has this index now
    std::uint64_t items = 0;    ///< tasks finished
    std::uint64_t restarts = 0; ///< workers with this index that died and were replaced
    double busy_seconds = 0;    ///< time spent in tasks, computing or not
    double start_seconds = 0;   ///< from the request for a worker to its first instruction
    double init_seconds = 0;    ///< running the initializer
    double wait_seconds = 0;    ///< started, but without work
    /// CPU time since it was started; for a process, including threads that its tasks started.
    /// Empty where the kernel does not report it, and for serial without a trace or with single
    /// tasks.
    std::optional<double> cpu_seconds{};
    /// How long since then it was ready to run while other threads had the CPUs; empty where the
    /// kernel does not report it.
    std::optional<double> ready_seconds{};
    std::array<ChunkTime, 5> longest{}; ///< the five longest chunks, the longest first; 0: none
};

/// An interval, in seconds since the pool was made.
struct TimeRange {
    double begin_seconds = 0;
    double end_seconds = 0;
};

/// One entry of Pool::trace(): what a worker did for a while. Times are seconds since the pool was
/// made.
struct Span {
    enum class Kind { start, init, work };

    Kind kind = Kind::work;
    unsigned worker = 0;
    int rank = -1; ///< as in WorkerStats, with host
    std::string host{};
    pid_t pid = 0;
    double begin_seconds = 0;
    double end_seconds = 0;
    std::uint32_t job = 0;  ///< 1 for the pool's first map; 0 for start and init
    std::size_t first = 0;  ///< the first item
    std::size_t items = 0;  ///< how many were run
    std::size_t chunks = 0; ///< more than 1: neighbors, merged because the record was full
    /// CPU time, and how long the worker waited for a CPU meanwhile; empty if unknown. Both are
    /// sampled every few milliseconds and divided among the spans of that time.
    std::optional<double> cpu_seconds{};
    std::optional<double> ready_seconds{};
    std::vector<TimeRange> ready{}; ///< when it waited for a CPU, approximately
};

} // namespace mp
