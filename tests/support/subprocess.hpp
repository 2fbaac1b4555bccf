#pragma once

#include <sys/types.h>

#include <set>
#include <string>

namespace support {

/// The processes whose parent is `pid`.
std::set<pid_t> children_of(pid_t pid);

/// Blocks until the child `pid` has ended, without reaping it.
void wait_until_zombie(pid_t pid);

/// What `function`, run in a child, and every process that it makes, write to standard output: a
/// pipe.
std::string output_of(void (*function)());

} // namespace support
