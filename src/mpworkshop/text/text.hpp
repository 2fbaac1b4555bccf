#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

/// Formats words and numbers for people, in ASCII only, so that every terminal can show them.
namespace mpworkshop::text {

/// User input made safe to show: control characters and invalid UTF-8 as \x1b, long text truncated
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

/// Lines of at most `width` characters, broken at spaces; a longer word gets a separate line.
std::vector<std::string> wrapped(std::string_view text, std::size_t width);

/// The same, each line with its newline.
std::string paragraph(std::string_view text, std::size_t width);

/// Lines that fit into `width` unchanged, others broken at spaces; each with its newline.
std::string fitted(std::string_view lines, std::size_t width);

/// A shell command after a label such as "Next: ", with a newline. One that is too wide continues
/// on the next line after a backslash, so that it can still be pasted.
std::string command(std::string_view label, std::string_view command, std::size_t width);

/// Words, then the output of command(): on the same line if it fits.
std::string ending(std::string_view words, std::string_view command, std::size_t width);

/// Where a line of code may be broken: at the last blank before `width` that is not in quotes, else
/// at the first one after it; npos if there is none.
std::size_t last_break(std::string_view code, std::size_t width);

} // namespace mpworkshop::text
