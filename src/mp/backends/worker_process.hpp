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

/// How messages refer to a worker.
std::string name_of(unsigned worker, pid_t pid);

/// One worker process as seen by its owner: watches, ends and reaps it. Thread-safety: protected by
/// the owner's lock.
class WorkerProcess {
public:
    /// No worker process.
    WorkerProcess() = default;
    /// `ended` is readable once it has ended. `deputy`: signals it where this process may not.
    WorkerProcess(pid_t pid, os::Descriptor ended, ForkServerProcess* deputy)
        : pid_(pid), ended_(std::move(ended)), deputy_(deputy) {}

    explicit operator bool() const { return pid_ != 0; }
    pid_t pid() const { return pid_; }
    const os::Descriptor& ended() const { return ended_; }
    /// From now on, watches the worker by this descriptor.
    void watch(os::Descriptor ended) noexcept { ended_ = std::move(ended); }
    /// For a child that has inherited this object.
    void close_descriptor() noexcept { ended_.reset(); }

    /// Its exit status, as os::reap returns it.
    std::optional<int> reap(bool block) const noexcept { return os::reap(pid_, block); }

    /// Whether there is a worker that this process may not signal, because it has given up rights
    /// since, as by setuid.
    bool is_out_of_reach() const noexcept { return pid_ != 0 && !os::send_signal(pid_, 0); }

    /// Stops the worker's descendants, to be killed once it is gone. Unless `then` is 0, the worker
    /// gets that signal before it continues.
    void stop_descendants(int then = 0) noexcept;
    void kill_descendants() const noexcept { os::kill_descendants(descendants_); }

    /// Asks it to end, by SIGTERM, and remembers to kill it if it does not.
    void terminate() noexcept;
    /// SIGKILL.
    void kill() noexcept;
    /// Calls kill() if the worker was asked to end and its time is over.
    void kill_if_due() noexcept;
    /// When kill_if_due() has something to do; never, if the worker was not asked to end.
    os::Deadline kill_at() const { return kill_at_; }

    /// When the item that began at `began_ns` has run for `limit_ns`. `stopped_ns`: the total time
    /// for which the program has been seen stopped; `resumed_ns`: when it last continued. That time
    /// does not count.
    std::int64_t due_ns(std::int64_t began_ns, std::int64_t limit_ns, std::int64_t stopped_ns,
                        std::int64_t resumed_ns) noexcept;
    /// The owner may miss a stop, as while it does not wait or has no CPU. If the worker has
    /// continued since the last call or since its item was first seen, the item's time begins
    /// again. Returns whether it does. `stopped_ns`: as in due_ns().
    bool restart_time_if_continued(std::int64_t stopped_ns) noexcept;

private:
    void signal(int number) noexcept;

    pid_t pid_ = 0;
    os::Descriptor ended_;
    ForkServerProcess* deputy_ = nullptr;
    bool said_ = false; // logged that it cannot be signaled
    os::Deadline kill_at_;
    bool killed_ = false;
    std::vector<os::Descendant> descendants_;
    std::int64_t item_began_ns_ = 0; // of the item last seen
    std::int64_t item_from_ns_ =
        0; // the item's start, shifted by the time for which the program was stopped
};

} // namespace mp::detail
