#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace mpworkshop::input {

/// Numbers in rows of `columns`, one row after the other, as they stand in the file; "-" is
/// standard input. Rows end in \n or \r\n, the last one need not; columns are parted by spaces,
/// tabs or commas; empty lines may stand at the end only; an empty file has no rows. Errors:
/// std::runtime_error naming the file, the line and what was found, or, of a file that is no plain
/// text, what it is.
std::vector<double> read_table(const std::string& path, std::size_t columns);

/// The same from text; `name` is what an error calls it.
std::vector<double> parse_table(std::string_view text, std::string_view name, std::size_t columns);

/// The pairs of a file with two columns. Errors: those of read_table.
std::vector<std::pair<double, double>> read_pairs(const std::string& path);
/// One pair after the other.
std::vector<double> flat(const std::vector<std::pair<double, double>>& pairs);

} // namespace mpworkshop::input
