#pragma once

#include <string>
#include <string_view>

#include "mpworkshop/practice/task.hpp"

/// Whether an output is right. Pure functions; an empty text means that it is.
namespace mpworkshop::practice {

/// What is different first between two texts, line by line: "line 3 should be '...' and is '...'".
std::string first_difference(std::string_view expected, std::string_view actual);

/// The same for two texts whose ends were cut off: only the whole lines that both have count.
std::string first_difference_of_beginnings(std::string_view expected, std::string_view actual);

/// What is wrong with a count: "counted N" is expected, N being the product of the arguments.
std::string wrong_count(const std::vector<std::string>& arguments, std::string_view actual);

/// What is wrong with lines of the form `line`, in which "{number}" stands for 0, 1, 2, ..., as
/// many as `count`; no two of them may be equal but for that number.
std::string not_different(const std::string& line, std::size_t count, std::string_view actual);

} // namespace mpworkshop::practice
