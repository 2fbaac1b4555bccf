#pragma once

#include <string>
#include <vector>

#include "mpworkshop/practice/task.hpp"

namespace mpworkshop::practice {

/// The hints of a task in Markdown, its code in this language only.
std::vector<std::string> hints_of(const Task& task, Language language);

} // namespace mpworkshop::practice
