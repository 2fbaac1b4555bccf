#pragma once

#include <cstddef>
#include <functional>
#include <string>

namespace mpworkshop::sys {

/// Opens what of stdin, stdout and stderr the caller had closed, so that no other file gets its
/// number. First of all; what is written there is still an error.
void open_standard_streams();

/// Makes standard output send whole lines, one at a time, wherever it goes.
void send_whole_lines();

/// Prints many lines, in large pieces; `append` adds line number i, with its end.
/// Errors: mp::Interrupted in between.
void print_lines(std::size_t count,
                 const std::function<void(std::size_t i, std::string& to)>& append);

/// Everything printed has arrived. Errors: std::runtime_error, such as for a full disk.
void finish_output();

/// While it lives, what this process and its children print goes elsewhere.
class Redirect {
public:
    enum class To { error, nowhere };

    /// Errors: std::system_error.
    explicit Redirect(To to);
    ~Redirect();
    Redirect(const Redirect&) = delete;
    Redirect& operator=(const Redirect&) = delete;

private:
    int saved_;
};

} // namespace mpworkshop::sys
