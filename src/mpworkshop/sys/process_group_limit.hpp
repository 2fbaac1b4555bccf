#pragma once

#include <cstddef>
#include <string>

#include "mpworkshop/sys/descriptor.hpp"

namespace mpworkshop::sys {

/// A control group of the kernel (cgroup, version 2 or 1) with a limit of processes and threads, in
/// which a command is started and all that descends from it stays. Where none can be made, exists()
/// is false, and the other calls do nothing.
class ProcessGroupLimit {
public:
    /// `most`: of processes and threads; 0 makes no group.
    /// Ends what is in the groups of processes that have ended without removing them, first.
    explicit ProcessGroupLimit(std::size_t most);
    /// Removes the group, which must be empty by then.
    ~ProcessGroupLimit();
    ProcessGroupLimit(const ProcessGroupLimit&) = delete;
    ProcessGroupLimit& operator=(const ProcessGroupLimit&) = delete;

    bool exists() const { return !folder_.empty(); }
    /// Moves the calling process into it. Makes only calls that are safe after fork.
    void enter() const;
    /// Whether a process or thread was refused because of the limit.
    bool was_reached() const;
    /// Kills all that is in it. Blocks: until nothing is, or for about a second.
    void kill_all() const;

private:
    bool make_below(const std::string& parent, std::size_t most);

    std::string folder_;
    Descriptor processes_; // its cgroup.procs, to be written to
};

} // namespace mpworkshop::sys
