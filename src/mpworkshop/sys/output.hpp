#pragma once

#include <cstddef>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

namespace mpworkshop::sys {

/// Opens what of stdin, stdout and stderr the caller had closed, so that no other file gets its
/// number. First of all. Reading from stdin and writing to stdout are still errors.
void open_standard_streams();

/// Makes standard output send whole lines, one at a time, wherever it goes, and remember why it
/// could not, also in the children of this process.
void send_whole_lines();

/// Why something printed did not arrive, and what to do; empty while everything did.
std::string output_trouble();

/// Errors: std::runtime_error with output_trouble(), if there is any.
void check_output();

/// Prints on standard error. What cannot be written there is lost: standard output is what counts.
void tell(std::string_view words);

/// Prints many lines, in large pieces; `append` adds line number i, with its end.
/// Errors: mp::Interrupted in between; std::runtime_error where they do not arrive.
void print_lines(std::size_t count,
                 const std::function<void(std::size_t i, std::string& to)>& append);

/// The same; on a terminal, where there are many, only the first and the last of them, and how many
/// are left out. `how` says what shows them all.
void print_excerpt(std::size_t count,
                   const std::function<void(std::size_t i, std::string& to)>& append,
                   std::string_view how);

/// Everything printed has arrived. Errors: std::runtime_error, such as for a full disk.
void finish_output();

/// While it lives, what this process and the children that it forks print is lost.
class Silence {
public:
    /// Errors: std::system_error.
    Silence();
    ~Silence();
    Silence(const Silence&) = delete;
    Silence& operator=(const Silence&) = delete;

private:
    std::FILE* saved_;
};

} // namespace mpworkshop::sys
