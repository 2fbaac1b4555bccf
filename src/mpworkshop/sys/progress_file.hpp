#pragma once

#include <string>
#include <string_view>

/// One small text file in which the program remembers things between runs. Thread-safety: several
/// programs may use it at once; each reads a complete text, and the last writer wins.
namespace mpworkshop::sys {

/// Where the record of what ran is: runs.jsonl in the same folder as progress_path(); empty where
/// that is.
std::string record_path();

/// Where earlier versions kept what ran: ran.txt in $XDG_STATE_HOME/mpworkshop, else in
/// ~/.local/state/mpworkshop; empty where neither XDG_STATE_HOME nor HOME is a whole path.
std::string progress_path();

/// Its contents; empty if there is no such file. Errors: std::runtime_error with the file name.
std::string read_progress(const std::string& path);

/// Replaces it in one step, and makes missing folders. Only this user can read it or, if this is
/// root, the owner of the existing folder. Errors: std::runtime_error with the file name; the file
/// is then unchanged.
void write_progress(const std::string& path, std::string_view text);

/// Removes it, if it exists. Errors: std::runtime_error with the file name.
void remove_progress(const std::string& path);

/// Makes the folders of a file where they are missing, for this user alone.
/// Errors: std::runtime_error naming the folder.
void make_folders_of(const std::string& path);

/// As root in another user's folder, with sudo and their environment: gives that user what was
/// made there, who could not read it otherwise. False with errno set if that fails.
bool give_to_owner_of_folder(int file, const std::string& path);

/// Why it could not be written, as far as can be told without writing; empty if it could.
std::string why_no_progress(const std::string& path);

} // namespace mpworkshop::sys
