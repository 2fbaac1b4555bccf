#pragma once

#include <sys/types.h>

#include <optional>
#include <vector>

#include "mpworkshop/sys/proc_stat.hpp"

namespace mpworkshop::sys {

/// `root` and those of `all` that descend from it.
std::vector<ProcStat> tree_of(pid_t root, const std::vector<ProcStat>& all);

/// CPU seconds of a process, of its descendants, and of those of them that have been reaped. Empty
/// if processes cannot be listed.
std::optional<double> cpu_seconds_of_tree(pid_t root);

} // namespace mpworkshop::sys
