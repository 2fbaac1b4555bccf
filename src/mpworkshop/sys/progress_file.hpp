#pragma once

#include <string>
#include <string_view>

/// One small text file in which the program remembers something from run to run.
/// Thread-safety: several programs may use it at once; each reads a whole text, and the last that
/// writes one wins.
namespace mpworkshop::sys {

/// Where it is: ran.txt in $XDG_STATE_HOME/mpworkshop, else in ~/.local/state/mpworkshop; empty
/// where neither XDG_STATE_HOME nor HOME is a whole path.
std::string progress_path();

/// What is in it; nothing while there is no such file.
/// Errors: std::runtime_error naming the file.
std::string read_progress(const std::string& path);

/// Replaces it in one step, and makes its folders where they are missing; only this user can read
/// it, or, if this is root, the owner of the folder that was there. Errors: std::runtime_error
/// naming the file, which then is as it was.
void write_progress(const std::string& path, std::string_view text);

/// Removes it, if it is there. Errors: std::runtime_error naming the file.
void remove_progress(const std::string& path);

/// Why it could not be written, as far as can be told without writing; empty if it could.
std::string why_no_progress(const std::string& path);

} // namespace mpworkshop::sys
