#pragma once

/// The times that one worker records, in memory that the pool's owner reads concurrently.

#include <sys/types.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "mp/scheduler/cpu_account.hpp"
#include "mp/scheduler/cpu_samples.hpp"
#include "mp/stats.hpp"

namespace mp::detail {

/// Nanoseconds of the monotonic clock, which all processes of a machine share.
inline std::int64_t now_ns() noexcept {
    return std::chrono::steady_clock::now().time_since_epoch().count();
}

/// The chunks of one worker in the order in which they ran, in bounded memory: when it is full,
/// each pair of neighbors is merged. Lock-free: one writer; a reader that overlaps a merge starts
/// again.
class TraceBuffer {
public:
    static constexpr std::uint32_t capacity = 1U << 13;

    struct Entry {
        std::int64_t begin_ns, end_ns;
        std::uint64_t first, items;
        std::uint32_t job, chunks;
        pid_t pid;
    };

    /// Records one chunk. Writer only.
    void add(const Entry& entry) noexcept;
    /// A copy of all chunks; any thread or process, also after the writer was killed.
    std::vector<Entry> read() const;

private:
    using Word = std::atomic<std::uint64_t>;
    struct Row {
        std::array<Word, 6> words;
    };

    void put(std::uint32_t at, const Entry& entry) noexcept;
    Entry get(std::uint32_t at) const noexcept;
    void merge_neighbours() noexcept;

    std::atomic<std::uint32_t> merges_; // odd during a merge
    std::atomic<std::uint32_t> count_;
    std::array<Row, capacity> rows_;
};

/// A worker's times; one writer at a time, the worker with this index.
struct WorkerCounters {
    std::atomic<std::int64_t> asked_ns;     // the owner requested a worker
    std::atomic<std::int64_t> began_ns;     // its first instruction; 0: not yet
    std::atomic<std::int64_t> ready_ns;     // the initializer has finished; 0: not yet
    std::atomic<std::int64_t> left_ns;      // it has left; 0: still there
    std::atomic<std::int64_t> busy_ns;      // of all workers that had this index
    std::atomic<std::int64_t> waited_ns;    // of those that have ended
    std::atomic<std::int64_t> gone_busy_ns; // busy_ns when the last of them ended
    std::atomic<std::int64_t> gone_start_ns, gone_init_ns;
    std::atomic<std::uint64_t> items;
    std::atomic<std::uint64_t> restarts; // workers with this index that died
    struct Long {
        std::atomic<std::int64_t> ns;
        std::atomic<std::uint64_t> first, items;
    };
    std::array<Long, 5> longest;
    CpuAccount cpu;

    /// Records a chunk if it is among the five longest.
    void note_long(std::int64_t ns, std::uint64_t first, std::uint64_t count) noexcept;
    /// The worker with this index was requested, runs its first instruction, and is ready to work.
    void note_asked(std::int64_t ns) noexcept { asked_ns.store(ns); }
    void note_began(std::int64_t ns) noexcept { began_ns.store(ns); }
    void note_ready(std::int64_t ns) noexcept { ready_ns.store(ns); }
    void count_restart() noexcept { restarts.fetch_add(1); }
    bool has_run_items() const noexcept { return items.load() != 0; }
    bool has_left() const noexcept { return left_ns.load() != 0; }
    /// The worker with this index has ended, now or before.
    void leave() noexcept;
    /// Another worker will have this index: keeps the sums of the one that left.
    void reset_for_next_worker() noexcept;
    /// CPU time of the workers with this index, each since it started; `pid`: the current one.
    std::optional<os::CpuTimes> cpu_times(pid_t pid) const noexcept {
        return has_left() ? cpu.sum_at_end() : cpu.sum(cpu.ask(pid));
    }
    /// As the caller of Pool::stats() sees it, with CPU times as above; the caller sets index and
    /// pid.
    WorkerStats read(const std::optional<os::CpuTimes>& times) const;
};

/// Times the chunks that a worker runs for one job. Without a trace buffer, short chunks are timed
/// in groups: reading the clock takes as long as some of them.
class ChunkTimer {
public:
    ChunkTimer(WorkerCounters& counters, TraceBuffer* trace_buffer, std::uint32_t job,
               pid_t pid) noexcept
        : counters_(counters), trace_buffer_(trace_buffer), job_(job), pid_(pid), began_(now_ns()) {
    }

    /// A chunk has been run.
    void ran(std::size_t first, std::size_t items) noexcept {
        items_ += items;
        if (++untimed_ >= stride_) tick(first, items);
    }
    /// Updates the counters.
    void report() noexcept {
        if (untimed_ != 0) tick(0, 0);
    }
    /// Like ran(), but reads the clock; returns the chunk's duration in nanoseconds.
    std::int64_t lap(std::size_t first, std::size_t items) noexcept {
        const std::int64_t before = began_;
        items_ += items;
        tick(first, items);
        return began_ - before;
    }
    /// When the last chunk ended; before the first one, when the timer began.
    std::int64_t began() const noexcept { return began_; }
    std::int64_t now() const noexcept { return now_ns(); }
    /// The worker had nothing to run since the last report.
    void resume() noexcept {
        if (trace_buffer_ != nullptr) began_ = now_ns();
    }

private:
    void tick(std::size_t first, std::size_t items) noexcept;

    WorkerCounters& counters_;
    TraceBuffer* trace_buffer_;
    std::uint32_t job_;
    pid_t pid_;
    std::int64_t began_;
    std::uint64_t items_ = 0;
    std::uint32_t untimed_ = 0, stride_ = 1;
};

/// The spans of one index: start and init of its current worker, then its chunks with their CPU
/// times from `samples`; seconds since `made_ns`.
void append_spans(std::vector<Span>& to, unsigned worker, pid_t pid, std::int64_t made_ns,
                  const WorkerCounters& counters, const TraceBuffer& trace_buffer,
                  const std::vector<CpuSample>& samples);

} // namespace mp::detail
