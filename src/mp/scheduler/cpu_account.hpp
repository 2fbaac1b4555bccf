#pragma once

/// What the kernel tells of the CPU time of a worker, and of those that had its place before.

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <optional>

#include "mp/os/cpu_times.hpp"

namespace mp::detail {

/// Notes of the workers at one place, in memory that the pool's owner reads meanwhile. One writer
/// at a time: the worker, or the owner once the worker has ended. Zeroed memory is an empty one.
class CpuAccount {
public:
    /// The worker is this thread of the owner's process, not a process of its own.
    void note_thread(pid_t thread) noexcept { thread_.store(thread); }
    /// The worker has started, and has used this much for it, which does not count.
    void note_ready(const std::optional<os::CpuTimes>& times) noexcept {
        at_ready_.store(times);
        if (!times) lost_cpu_.store(true);
    }
    /// What the worker has used when it ends, or has ended. The last note counts.
    void note_end(const std::optional<os::CpuTimes>& times) noexcept { at_end_.store(times); }
    /// Another worker will have this place: keeps the sums.
    void reset_for_next_worker() noexcept;

    /// As the kernel has them now of the worker `pid`; the caller's own if it is that worker.
    std::optional<os::CpuTimes> ask(pid_t pid) const noexcept {
        return os::cpu_times(pid, thread_.load());
    }
    /// Of all workers, since each has started. `now`: of the one that is there; empty: it has
    /// ended. Empty where anything is not known.
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
        std::atomic<std::uint32_t> known_; // what is
    };

    std::atomic<pid_t> thread_;
    Note at_ready_, at_end_;
    std::atomic<std::int64_t> gone_cpu_ns_, gone_ready_ns_; // of workers that had this place before
    std::atomic<bool> lost_cpu_, lost_ready_;               // a worker here did not say
};

} // namespace mp::detail
