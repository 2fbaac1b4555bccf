#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mpworkshop::sys {

/// Input files of numbers must not be larger: 1 GiB.
inline constexpr std::size_t largest_input = std::size_t{1} << 30;

/// Reads a whole file, or standard input for "-". Errors: std::runtime_error with the file name,
/// also for more than `most` bytes, and for a device that is not a terminal, whose data may never
/// end; mp::Interrupted.
std::string read_all(const std::string& path, std::size_t most = largest_input);

/// Makes a file with this text. An existing file is replaced once the new one is complete, and
/// keeps its mode and owner; a new one has the mode that the umask leaves. A path is written in
/// place if it is not a regular file, such as a pipe, has a second name, or is in a folder where no
/// file can be made. Errors: std::runtime_error with the file name, also for a pipe that nothing
/// reads; mp::Interrupted.
void write_file(const std::string& path, std::string_view contents);

} // namespace mpworkshop::sys
