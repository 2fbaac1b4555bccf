#pragma once

#include <string>

#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop::report {

/// The timings as a small table; then, if it matters, the CPUs that other programs used; a sentence
/// about what the timings mean; and the command to try next. For an exercise, at most seven lines
/// of 80 columns, preceded by an empty line.
std::string timings(const Outcome& outcome, std::string_view next_command, std::size_t width);

/// One line: how far an interrupted run came.
std::string interrupted(const Outcome& outcome);

} // namespace mpworkshop::report
