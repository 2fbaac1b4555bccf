#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mp/backend.hpp"
#include "mp/os/child.hpp"
#include "mp/os/descriptor.hpp"
#include "mp/os/event.hpp"

namespace mp::detail {

class ForkServerProcess;

/// As messages call a worker.
std::string name_of(unsigned worker, pid_t pid);

/// One worker process as its owner knows it: how it is watched, ended and reaped.
/// Thread-safety: as the owner's lock allows.
class WorkerProcess {
public:
    /// There is none.
    WorkerProcess() = default;
    /// `ended` is readable once it has ended. `deputy`: who signals it where this process may not.
    WorkerProcess(pid_t pid, os::Descriptor ended, ForkServerProcess* deputy)
        : pid_(pid), ended_(std::move(ended)), deputy_(deputy) {}

    explicit operator bool() const { return pid_ != 0; }
    pid_t pid() const { return pid_; }
    const os::Descriptor& ended() const { return ended_; }
    /// Watches it by this descriptor from now on.
    void watch(os::Descriptor ended) noexcept { ended_ = std::move(ended); }
    /// For a child that has inherited it.
    void close_descriptor() noexcept { ended_.reset(); }

    /// Its exit status, as os::reap tells it.
    std::optional<int> reap(bool block) const noexcept { return os::reap(pid_, block); }

    /// There is one that this process may not signal: it has given up rights since, as by setuid.
    bool is_out_of_reach() const noexcept { return pid_ != 0 && !os::send_signal(pid_, 0); }

    /// Stops what it has started, to be killed once it is gone. It gets the signal `then`, if that
    /// is not 0, before it goes on.
    void stop_descendants(int then = 0) noexcept;
    void kill_descendants() const noexcept { os::kill_descendants(descendants_); }

    /// Asks it to end, by SIGTERM, and remembers to kill it if it does not.
    void terminate() noexcept;
    /// SIGKILL.
    void kill() noexcept;
    /// kill(), if it has been asked and had its time.
    void kill_if_due() noexcept;
    /// When kill_if_due() has something to do; never, if it has not been asked.
    os::Deadline kill_at() const { return kill_at_; }

    /// When the item that it began at `began_ns` has run for `limit_ns`. `stopped_ns`: how long the
    /// program has been stopped in all, `resumed_ns`: when it last went on; that time is nobody's.
    std::int64_t due_ns(std::int64_t began_ns, std::int64_t limit_ns, std::int64_t stopped_ns,
                        std::int64_t resumed_ns) noexcept;

private:
    void signal(int number) noexcept;

    pid_t pid_ = 0;
    os::Descriptor ended_;
    ForkServerProcess* deputy_ = nullptr;
    bool said_ = false; // that nobody can signal it
    os::Deadline kill_at_;
    bool killed_ = false;
    std::vector<os::Descendant> descendants_;
    std::int64_t item_began_ns_ = 0; // of the item that was last seen
    std::int64_t item_from_ns_ = 0;  // where its time counts from, less what had been paused
};

} // namespace mp::detail
