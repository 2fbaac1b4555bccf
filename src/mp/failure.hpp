#pragma once

#include <string>

namespace mp::detail {

/// An exception in words, for another process to read.
struct Failure {
    std::string what;
    std::string type_name;
};

/// The exception that is being handled; call it in a catch block. Survives an exception that lies
/// about itself: one that is no std::exception, or whose what() throws or is null.
Failure current_failure() noexcept;

} // namespace mp::detail
