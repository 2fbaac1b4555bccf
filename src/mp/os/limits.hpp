#pragma once

#include <string>

namespace mp::os {

struct Limit {
    unsigned long long count; ///< how many more are possible
    std::string name;         ///< what sets the limit, for messages: "pid_max", "ulimit -n"
};

/// How many more child processes this process could start, and what sets that limit. An estimate
/// from the machine's settings: other programs may use it up meanwhile.
Limit process_limit();

/// The same for threads. Each needs two mappings, its stack and the guard below it.
Limit thread_limit();

/// How many processes the kernel has killed because memory ran out: in this process's cgroup if
/// that is counted, else on the whole machine.
unsigned long long out_of_memory_kills() noexcept;

/// Bytes of memory that can still be used before the machine, or a cgroup, has none left.
Limit memory_limit();

} // namespace mp::os
