#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

/// Layout of the parts of a Markdown text that are not paragraphs.
namespace mpworkshop::markdown {

/// A block of code, indented by four columns. Lines that fit into `width` stay as they are. A
/// comment that does not fit moves above its line. Code that does not fit is broken at blanks, in
/// the language "sh" with a backslash, so that it can still be pasted.
std::string listing(const std::vector<std::string>& lines, std::string_view language,
                    std::size_t width);

/// Aligned columns; if they are wider than `width`, the cells of a row one below the other.
std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t width);

} // namespace mpworkshop::markdown
