#pragma once

#include <cstddef>
#include <string>
#include <string_view>

/// Renders the subset of Markdown that the workshop's texts use as plain text for a terminal.
namespace mpworkshop::markdown {

struct Style {
    std::size_t width = 79; ///< no line is wider, unless one word is
    bool utf8 = false;      ///< false: ASCII only
};

/// Headings, paragraphs, lists, tables and code blocks, with an empty line between them. Code is
/// indented by four columns; links become their text; markup of emphasis is dropped.
std::string plain(std::string_view markdown, const Style& style);

/// A text in ASCII: a superscript 2 becomes ^2, an unknown character "?".
std::string ascii(std::string_view text);

} // namespace mpworkshop::markdown
