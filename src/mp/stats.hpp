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

/// A stretch of items that one worker ran without a pause.
struct ChunkTime {
    double seconds = 0;
    std::size_t first = 0; ///< its first item; with PoolOptions::trace only, else 0
    std::size_t items = 0; ///< how many; with PoolOptions::trace only, else 0
};

/// What the workers at one place have done since the pool was made, replaced ones included.
struct WorkerStats {
    unsigned index = 0;         ///< 0 .. processes - 1
    int rank = -1;              ///< of several, whose worker it is; -1: there are none
    std::string host{};         ///< that rank's
    pid_t pid = 0;              ///< of the process that has this place now
    std::uint64_t items = 0;    ///< tasks finished
    std::uint64_t restarts = 0; ///< workers at this place that died and were replaced
    double busy_seconds = 0;    ///< since its tasks began: computing or not
    double start_seconds = 0;   ///< from the request for a worker to its first instruction
    double init_seconds = 0;    ///< running the initializer
    double wait_seconds = 0;    ///< started, and without work
    /// CPU time since it was started, of a process with that of threads that its tasks started;
    /// empty where the kernel does not tell, and for serial without a trace or with single tasks.
    std::optional<double> cpu_seconds{};
    /// How long since then it was ready to compute while other threads had the CPUs; empty where
    /// the kernel does not tell.
    std::optional<double> ready_seconds{};
    std::array<ChunkTime, 5> longest{}; ///< the five longest chunks, the longest first; 0: none
};

/// A stretch of time, in seconds since the pool was made.
struct TimeRange {
    double begin_seconds = 0;
    double end_seconds = 0;
};

/// One entry of Pool::trace(): what a worker did for a while. Seconds count from the pool's making.
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
    std::size_t chunks = 0; ///< more than 1: neighbours, joined because the record was full
    /// CPU time, and how long the worker waited for a CPU meanwhile; empty where it is not known.
    /// They are taken every few milliseconds, and divided among the spans of that time.
    std::optional<double> cpu_seconds{};
    std::optional<double> ready_seconds{};
    std::vector<TimeRange> ready{}; ///< when it waited for a CPU, about
};

} // namespace mp
