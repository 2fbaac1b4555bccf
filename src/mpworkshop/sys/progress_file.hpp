#pragma once

#include <string>
#include <string_view>

/// One small text file in which the program remembers things between runs. Thread-safety: several
/// programs may use it at once; each reads a complete text, and the last writer wins.
namespace mpworkshop::sys {

/// Its path: ran.txt in $XDG_STATE_HOME/mpworkshop, else in ~/.local/state/mpworkshop; empty if
/// neither XDG_STATE_HOME nor HOME is an absolute path.
std::string progress_path();

/// Its contents; empty if there is no such file. Errors: std::runtime_error with the file name.
std::string read_progress(const std::string& path);

/// Replaces it in one step, and makes missing folders. Only this user can read it or, if this is
/// root, the owner of the existing folder. Errors: std::runtime_error with the file name; the file
/// is then unchanged.
void write_progress(const std::string& path, std::string_view text);

/// Removes it, if it exists. Errors: std::runtime_error with the file name.
void remove_progress(const std::string& path);

/// Why it could not be written, as far as that is known without writing; empty if it could.
std::string why_no_progress(const std::string& path);

} // namespace mpworkshop::sys
