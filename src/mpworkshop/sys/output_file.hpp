#pragma once

#include <string>
#include <string_view>

namespace mpworkshop::sys {

/// write_file(), and standard output for "-".
/// Errors: those of write_file().
void write_all(const std::string& path, std::string_view text);

/// Checks, before long work, that its result can be written; changes nothing. Errors:
/// std::runtime_error with the file name.
void expect_writable(const std::string& path);

} // namespace mpworkshop::sys
