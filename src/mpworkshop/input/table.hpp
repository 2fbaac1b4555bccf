#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mpworkshop::input {

/// Reads numbers in rows of `columns`, one row after the other, as they are in the file; "-" is
/// standard input. Rows end with
///  or \r
/// , optional in the last row. Columns are separated by spaces, tabs or commas. Empty lines are
/// allowed only at the end; an empty file has no rows. Errors: std::runtime_error with the file,
/// the line and what was found or, for a file that is not plain text, its kind.
std::vector<double> read_table(const std::string& path, std::size_t columns);

/// The same from text; `name` is its name in errors.
std::vector<double> parse_table(std::string_view text, std::string_view name, std::size_t columns);

/// The pairs of a file with two columns. Errors: those of read_table.
std::vector<std::pair<double, double>> read_pairs(const std::string& path);
/// One pair after the other.
std::vector<double> flat(const std::vector<std::pair<double, double>>& pairs);

} // namespace mpworkshop::input
