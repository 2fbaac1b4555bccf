#pragma once

#include <string>

namespace mp::detail {

/// An exception as text, for another process to read.
struct Failure {
    std::string what;
    std::string type_name;
};

/// The exception that is being handled; call it in a catch block. Handles exceptions that are not a
/// std::exception, and those whose what() throws or returns null.
Failure current_failure() noexcept;

} // namespace mp::detail
