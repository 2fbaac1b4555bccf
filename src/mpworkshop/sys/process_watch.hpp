#pragma once

#include <sys/types.h>

#include <memory>

#include "mpworkshop/sys/process_activity.hpp"

namespace mpworkshop::sys {

/// Watches a child of this process and its descendants by reading /proc at intervals: every 10 ms
/// if that is cheap, else less often, so that it costs at most 1 % of one CPU. While it exists,
/// this process adopts descendants whose parents end, and reaps them.
///
///     ProcessWatch watch;          // before the child is forked
///     watch.begin(pid);            // after it was
///     ...                          // until the child has ended, and before it is reaped
///     watch.end();
///     wait4(pid, ..., &used);
///     watch.activity(cpu time in `used`)
///
/// Without /proc, the Activity has only the CPU time. Thread-safety: one at a time in a process;
/// only the thread that made it may use it. It runs a thread.
class ProcessWatch {
public:
    /// The time begins. Other children that this process has now are not watched.
    ProcessWatch();
    /// Stops watching; descendants that still run are left alone.
    ~ProcessWatch();
    ProcessWatch(const ProcessWatch&) = delete;
    ProcessWatch& operator=(const ProcessWatch&) = delete;

    /// Watches `child` from here on. Errors: std::system_error without a thread.
    void begin(pid_t child);
    /// This child of this process is a helper, not part of the tree.
    void ignore(pid_t helper);
    /// How often it has read the processes so far.
    std::size_t looks() const;
    /// Reads the processes for the last time. The tree's time ends.
    void end();
    /// What happened until end(). `child_cpu_s`: the CPU time of the child and of the descendants
    /// that it reaped.
    Activity activity(double child_cpu_s) const;

private:
    class Watcher;
    std::unique_ptr<Watcher> watcher_;
};

} // namespace mpworkshop::sys
