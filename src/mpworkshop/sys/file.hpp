#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mpworkshop::sys {

/// No file of numbers for this program is larger: 1 GiB.
inline constexpr std::size_t largest_input = std::size_t{1} << 30;

/// All that is in a file, or on standard input for "-".
/// Errors: std::runtime_error naming the file, also for one of more than `most` bytes and for a
/// device that is not a terminal, whose data may never end; mp::Interrupted.
std::string read_all(const std::string& path, std::size_t most = largest_input);

/// Makes a file with this text, or replaces one, which keeps its mode and owner, once the new one
/// is whole; a new one has the mode that the umask leaves. What is no plain file, such as a pipe,
/// or has a second name, or stands in a folder that takes no other file, is written in place.
/// Errors: std::runtime_error naming the file, also for a pipe that nothing reads; mp::Interrupted.
void write_file(const std::string& path, std::string_view contents);

} // namespace mpworkshop::sys
