#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// The little of Markdown that the workshop's texts use, as plain text for a terminal.
namespace mpworkshop::markdown {

struct Style {
    std::size_t width = 79; ///< no line is wider, but for a word that is
    bool utf8 = false;      ///< false: ASCII only
};

/// Headings, paragraphs, lists, tables and code blocks, with an empty line between them. Code is
/// moved in by four columns; links keep their words; marks of emphasis go.
std::string plain(std::string_view markdown, const Style& style);

/// A text in ASCII: 2 raised to a character of its own becomes ^2, an unknown character "?".
std::string ascii(std::string_view text);

} // namespace mpworkshop::markdown
