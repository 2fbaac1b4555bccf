#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

namespace mpworkshop::sys {

/// What the kernel tells of a process.
struct ProcessEntry {
    pid_t pid = 0;
    pid_t parent = 0;
    double reaped_cpu_s = 0; ///< CPU seconds of its descendants that have ended and been reaped
};

/// The text of a /proc/PID/stat, in which times are counted in ticks of `tick_s` seconds; empty if
/// it is no such text.
std::optional<ProcessEntry> parse_process(std::string_view stat, double tick_s);

/// Those of `all` that descend from `root`, and `root` itself.
std::vector<ProcessEntry> tree_of(pid_t root, const std::vector<ProcessEntry>& all);

/// CPU seconds of a process, of its descendants, and of those of them that have been reaped. Empty
/// where processes cannot be listed.
std::optional<double> cpu_seconds_of_tree(pid_t root);

} // namespace mpworkshop::sys
