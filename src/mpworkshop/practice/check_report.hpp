#pragma once

#include <string>

#include "mpworkshop/practice/checker.hpp"

/// What `check` prints.
namespace mpworkshop::practice {

/// A step as lines of at most `width` characters: the picture if it has one, the verdict, what was
/// found, why, and a compiler's messages as they are.
std::string lines_of(const Step& step, std::size_t width, bool utf8);

/// The last lines: what is missing, or that nothing is, and the next command.
std::string closing(const Task& task, const Subject& subject, const CheckReport& report,
                    std::size_t width);

/// All of it for programs.
std::string as_json(const Task& task, const Subject& subject, const CheckReport& report);

} // namespace mpworkshop::practice
