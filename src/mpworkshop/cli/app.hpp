#pragma once

#include <string>
#include <variant>

#include "mpworkshop/kit/command.hpp"

namespace mpworkshop {

/// Something to print and be done: help, or the version.
struct TextRequest {
    std::string text;
};

using Request = std::variant<TextRequest, CommandRequest>;

/// Reads the command line; nothing runs yet. Errors: UsageError.
Request read_command_line(int argc, const char* const* argv);

} // namespace mpworkshop
