#pragma once

#include <string>
#include <vector>

namespace bench {

/// Runs a command and returns its output. Errors: std::system_error; std::runtime_error when it
/// fails.
std::string output_of(std::vector<std::string> words);

} // namespace bench
