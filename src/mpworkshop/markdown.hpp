#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// The little of Markdown that the README's story uses, as plain text for a terminal.
namespace mpworkshop::markdown {

struct Style {
    std::size_t width = 79; ///< no line is wider, but for a word that is, and for code
    bool utf8 = false;      ///< false: ASCII only
};

/// Headings, paragraphs, lists and code blocks, with an empty line between them. Code keeps its
/// lines, moved in by four columns; links keep their words; marks of emphasis go.
std::string plain(std::string_view markdown, const Style& style);

/// Paragraphs of plain text: lines that do not begin with a blank are wrapped, the others are kept.
std::string wrapped(std::string_view text, const Style& style);

/// The same in ASCII: 2 raised to a character of its own becomes ^2, an unknown character "?".
std::string ascii(std::string_view text);

} // namespace mpworkshop::markdown
