#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Words and numbers for people: ASCII only, so that they can be read on every terminal.
namespace mpworkshop::text {

/// User input as it may be shown: control characters and broken UTF-8 as \x1b, long text cut off
/// with "...".
std::string printable(std::string_view text, std::size_t longest = 60);
/// The same in single quotes.
std::string quoted(std::string_view text);

/// 1234567 -> "1,234,567".
std::string grouped(std::uint64_t number);
/// 1000000000 -> "1e9", 140000000 -> "1.4e8", 123456789 -> "123456789": short, exact, and accepted
/// by input::whole_number.
std::string compact(std::uint64_t number);
/// grouped(number) and a noun: "1 step", "2 steps", "2 processes".
std::string counted(std::uint64_t number, std::string_view noun);
/// Three digits and a unit: "2.00 s", "61.3 ms", "1.25 us", "40.0 ns".
std::string duration(double seconds);

/// Lines of at most `width` characters, broken at spaces; a longer word has a line of its own.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// The same, each line with its end.
std::string paragraph(std::string_view text, std::size_t width);

/// Lines as they are where they fit into `width`, else broken at spaces, below each other; each
/// with its end.
std::string fitted(std::string_view lines, std::size_t width);

/// A shell's command after a label such as "Next: ", with a newline. One that is too wide goes on
/// in the next line after a backslash, so that it can still be pasted.
std::string command(std::string_view label, std::string_view command, std::size_t width);

/// Words, then what command() made: on the same line where it fits.
std::string ending(std::string_view words, std::string_view command, std::size_t width);

/// Where a line of code may be broken: the last blank before `width` that is not in quotes, else
/// the first one after it; npos if there is none.
std::size_t last_break(std::string_view code, std::size_t width);

} // namespace mpworkshop::text
