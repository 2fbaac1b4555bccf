#pragma once

#include <string>

namespace mpworkshop::sys {

/// All that is in a file, or on standard input for "-".
/// Errors: std::runtime_error naming the file; mp::Interrupted.
std::string read_all(const std::string& path);

} // namespace mpworkshop::sys
