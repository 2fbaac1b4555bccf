#pragma once

#include <string>
#include <string_view>

namespace mpworkshop::sys {

/// All that is in a file, or on standard input for "-".
/// Errors: std::runtime_error naming the file; mp::Interrupted.
std::string read_all(const std::string& path);

/// Makes a file with this text, or replaces its contents; one that it makes can be read by its
/// owner only. Errors: std::runtime_error naming the file.
void write_file(const std::string& path, std::string_view contents);

} // namespace mpworkshop::sys
