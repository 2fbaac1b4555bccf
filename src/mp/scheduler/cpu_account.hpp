#pragma once

/// The kernel's CPU accounting of a worker and its predecessors with the same index.

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <optional>

#include "mp/os/cpu_times.hpp"

namespace mp::detail {

/// Records of the workers with one index, in memory that the pool's owner reads concurrently. One
/// writer at a time: the worker, or the owner once the worker has ended. All zero bytes: no
/// records.
class CpuAccount {
public:
    /// The worker is a thread of the owner's process, not a separate process.
    void note_thread(pid_t thread) noexcept { thread_.store(thread); }
    /// The worker has started; what it has used so far does not count.
    void note_ready(const std::optional<os::CpuTimes>& times) noexcept {
        at_ready_.store(times);
        if (!times) lost_cpu_.store(true);
    }
    /// What the worker has used when it ends, or after it has ended. The last record counts.
    void note_end(const std::optional<os::CpuTimes>& times) noexcept { at_end_.store(times); }
    /// Another worker will have this index: keeps the sums.
    void reset_for_next_worker() noexcept;

    /// The kernel's current values for the worker `pid`; the caller's own if it is that worker.
    std::optional<os::CpuTimes> ask(pid_t pid) const noexcept {
        return os::cpu_times(pid, thread_.load());
    }
    /// The sums over all workers, each counted since it started. `now`: the values of the current
    /// one; empty: it has ended. The result is empty where any value is unknown.
    std::optional<os::CpuTimes> sum(const std::optional<os::CpuTimes>& now) const noexcept;
    std::optional<os::CpuTimes> sum_at_end() const noexcept { return sum(at_end_.load()); }

private:
    // Optional times.
    class Note {
    public:
        void store(const std::optional<os::CpuTimes>& times) noexcept;
        std::optional<os::CpuTimes> load() const noexcept;
        void clear() noexcept { known_.store(0); }

    private:
        enum : std::uint32_t { cpu = 1, ready = 2 };
        std::atomic<std::int64_t> cpu_ns_, ready_ns_;
        std::atomic<std::uint32_t> known_; // which values are known
    };

    std::atomic<pid_t> thread_;
    Note at_ready_, at_end_;
    std::atomic<std::int64_t> gone_cpu_ns_, gone_ready_ns_; // of earlier workers with this index
    std::atomic<bool> lost_cpu_, lost_ready_;               // the values of some worker are missing
};

} // namespace mp::detail
