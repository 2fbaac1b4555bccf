#pragma once

#include <string>
#include <vector>

#include "mpworkshop/kit/command.hpp"

namespace mpworkshop::commands {

/// The lesson in C++, a complete program: "exercises/pi/pi_serial.cpp" for pi-serial.
std::string lesson_path(const Command& exercise);

/// The same program in Python.
std::string twin_path(const Command& exercise);

/// What the subcommand adds: the file with its options and reports and, for pi, the fast sum.
std::vector<std::string> subcommand_paths(const Command& exercise);

} // namespace mpworkshop::commands
