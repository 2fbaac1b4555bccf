#pragma once

#include <string>
#include <vector>

namespace mpworkshop::sys {

/// Starts a program, found in PATH, in a session of its own and without standard streams, and
/// leaves it alone: it outlives this program. Does not block.
/// Errors: std::runtime_error naming the program, if it cannot be started.
void start_detached(const std::vector<std::string>& words);

} // namespace mpworkshop::sys
