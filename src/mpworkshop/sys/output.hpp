#pragma once

#include <cstddef>
#include <cstdio>
#include <functional>
#include <string>
#include <string_view>

namespace mpworkshop::sys {

/// Opens those of stdin, stdout and stderr that the caller had closed, so that no other file gets
/// their numbers. Call it first. Reading from stdin and writing to stdout are still errors.
void open_standard_streams();

/// Makes standard output send whole lines, one at a time, wherever it goes, and record errors, even
/// in the children of this process.
void send_whole_lines();

/// Why printed text did not arrive, and what to do; empty if everything arrived.
std::string output_trouble();

/// Errors: std::runtime_error with output_trouble(), if there is any.
void check_output();

/// Prints on standard error. Errors there are ignored: standard output is what counts.
void tell(std::string_view words);

/// Prints many lines, in large pieces; `append` adds line number i, with its newline. Errors:
/// mp::Interrupted in between; std::runtime_error if they do not arrive.
void print_lines(std::size_t count,
                 const std::function<void(std::size_t i, std::string& to)>& append);

/// The same. On a terminal, if there are many, only the first and the last lines, and how many were
/// left out. `how` says how to see all.
void print_excerpt(std::size_t count,
                   const std::function<void(std::size_t i, std::string& to)>& append,
                   std::string_view how);

/// Checks that everything printed has arrived. Errors: std::runtime_error, such as for a full disk.
void finish_output();

/// While this object exists, output of this process and of children that it forks is discarded.
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
