#pragma once

#include <string>

#include "mpworkshop/curriculum/curriculum.hpp"

/// The tasks as `practice` and `list` show them.
namespace mpworkshop::practice {

/// Name, minutes, how far it is, and what it is about; on a narrow terminal in two lines.
std::string rows_of_tasks(const curriculum::History& history, std::size_t width);

/// The same as a JSON array.
std::string tasks_as_json(const curriculum::History& history);

} // namespace mpworkshop::practice
