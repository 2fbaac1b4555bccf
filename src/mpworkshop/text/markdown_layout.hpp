#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// The parts of a Markdown text whose lines are not a paragraph.
namespace mpworkshop::markdown {

/// A block of code, moved in by four columns. Lines keep their shape where they fit into `width`.
/// A comment that does not fit stands above its line; code that does not fit is broken at blanks,
/// in the language "sh" with a backslash, so that it can still be pasted.
std::string listing(const std::vector<std::string>& lines, std::string_view language,
                    std::size_t width);

/// Aligned columns; where they are wider than `width`, the cells of a row below each other.
std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t width);

} // namespace mpworkshop::markdown
