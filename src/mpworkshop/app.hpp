#pragma once

#include <string>
#include <variant>

#include "mpworkshop/command.hpp"

namespace mpworkshop {

/// One use of a subcommand, as the command line wants it.
struct CommandRequest {
    const Command* command = nullptr;
    Plan plan = {};
    Run::Settings settings = {};
};

/// Something to print and be done: help, or the version.
struct TextRequest {
    std::string text;
};

using Request = std::variant<TextRequest, CommandRequest>;

/// Reads the command line; nothing runs yet. Errors: UsageError.
Request read_command_line(int argc, const char* const* argv);

} // namespace mpworkshop
