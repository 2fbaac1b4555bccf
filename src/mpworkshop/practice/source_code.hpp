#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "mpworkshop/practice/task.hpp"

/// What can be told from the text of a learner's program alone.
namespace mpworkshop::practice {

/// The text with comments blanked out, its lines and columns as they are. Of very long texts only
/// the beginning is looked at.
std::string without_comments(std::string_view source, Language language);

/// What the first trap says that explains why `aspect` is not as it should be, its line filled in;
/// empty if no trap is in the source code.
std::string cause_in(std::string_view source, Language language, const Task& task, Aspect aspect);

} // namespace mpworkshop::practice
