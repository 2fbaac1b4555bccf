#pragma once

#include <string>

#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop::report {

/// The timings as a small table, then what other programs took of the CPUs where that matters, a
/// sentence of what the timings mean and the command to try next: at most seven lines of 80 columns
/// for what the exercises measure, an empty line before.
std::string timings(const Outcome& outcome, std::string_view next_command, std::size_t width);

/// One line: how far an interrupted run came.
std::string interrupted(const Outcome& outcome);

} // namespace mpworkshop::report
