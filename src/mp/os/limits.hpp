#pragma once

#include <string>

namespace mp::os {

struct Limit {
    unsigned long long count; ///< how many more there can be
    std::string name;         ///< what sets it, for people: "pid_max", "ulimit -n"
};

/// How many more child processes this process could have, and what sets that limit. An estimate
/// from the machine's settings: other programs may take their share meanwhile.
Limit process_limit();

/// The same for threads. Each takes two mappings, its stack and the guard below it.
Limit thread_limit();

/// How many processes the kernel has killed for want of memory: in this process's cgroup, as far as
/// that is counted, else on the whole machine.
unsigned long long out_of_memory_kills() noexcept;

/// Bytes of memory that could still be used before the machine, or a cgroup, has none left.
Limit memory_limit();

} // namespace mp::os
