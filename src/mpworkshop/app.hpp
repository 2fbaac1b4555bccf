#pragma once

#include <string>
#include <variant>

#include "mpworkshop/command.hpp"
#include "mpworkshop/exercise.hpp"

namespace mpworkshop {

/// One exercise, as the command line wants it.
struct ExerciseRequest {
    const Exercise* exercise = nullptr;
    Plan plan = {};
    Run::Settings settings = {};
};

/// One use of a tool, likewise.
struct CommandRequest {
    const Command* command = nullptr;
    CommandPlan plan = {};
    Run::Settings settings = {};
};

/// Something to print and be done: help, or the version.
struct TextRequest {
    std::string text;
};

using Request = std::variant<TextRequest, ExerciseRequest, CommandRequest>;

/// Reads the command line; nothing runs yet. Errors: UsageError.
Request read_command_line(int argc, const char* const* argv);

} // namespace mpworkshop
