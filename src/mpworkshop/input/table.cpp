#include "mpworkshop/input/table.hpp"

#include <fmt/format.h>

#include <stdexcept>

#include "mpworkshop/input/number.hpp"
#include "mpworkshop/sys/file.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::input {
namespace {

[[noreturn]] void refuse(std::string_view name, std::size_t line, std::string_view found,
                         std::size_t columns) {
    throw std::runtime_error(fmt::format(
        "{}, line {}: found {}; expected {}, such as {}", text::printable(name),
        text::grouped(line), found, columns == 1 ? "one number" : text::counted(columns, "number"),
        columns == 1 ? "98.6" : "3 5"));
}

std::string_view trimmed(std::string_view row) {
    const std::size_t first = row.find_first_not_of(" \t\r");
    return first == row.npos ? std::string_view{}
                             : row.substr(first, row.find_last_not_of(" \t\r") - first + 1);
}

/// The kind of a file that is not plain text, and how to convert it; empty for plain text.
std::string other_format(std::string_view text) {
    const auto nul = [&](std::size_t i) { return i < text.size() && text[i] == '\0'; };
    const bool marked = text.starts_with("\xff\xfe") || text.starts_with("\xfe\xff");
    // UTF-16 without a byte order mark: the high byte of a digit is zero.
    const bool wide = text.size() >= 4 && nul(0) == nul(2) && nul(1) == nul(3) && nul(0) != nul(1);
    if (text.starts_with(std::string_view("\xff\xfe\0\0", 4)))
        return "UTF-32 text; save it as UTF-8, or convert it: iconv -f UTF-32 -t UTF-8";
    if (marked || wide)
        return "UTF-16 text; save it as UTF-8, or convert it: iconv -f UTF-16 -t UTF-8";
    struct Packed {
        std::string_view begin, name, how;
    };
    for (const Packed& each : {Packed{"\x1f\x8b", "compressed by gzip", "gunzip -c"},
                               Packed{"BZh", "compressed by bzip2", "bunzip2 -c"},
                               Packed{"\xfd"
                                      "7zXZ",
                                      "compressed by xz", "xz -dc"},
                               Packed{"\x28\xb5\x2f\xfd", "compressed by zstd", "zstd -dc"}})
        if (text.starts_with(each.begin))
            return fmt::format("{}; unpack it first: {}", each.name, each.how);
    if (text.starts_with("PK\x03\x04"))
        return "a zip archive, such as a spreadsheet; save its numbers as text, for example as CSV";
    return "";
}

} // namespace

std::vector<double> parse_table(std::string_view text, std::string_view name, std::size_t columns) {
    if (const std::string format = other_format(text); !format.empty())
        throw std::runtime_error(fmt::format("{} is {}", text::printable(name), format));
    std::vector<double> numbers;
    if (text.starts_with("\xef\xbb\xbf"))
        text.remove_prefix(3); // the byte order mark of Windows editors
    text = text.substr(0, text.find_last_not_of(" \t\r\n") + 1);
    for (std::size_t line = 1; !text.empty(); ++line) {
        const std::string_view whole = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), whole.size() + 1));
        std::string_view row = trimmed(whole);
        if (row.empty()) refuse(name, line, "an empty line", columns);
        const bool commas = row.find(',') != row.npos;
        std::size_t found = 0;
        for (bool more = true; more; ++found) {
            const std::size_t end = commas ? row.find(',') : row.find_first_of(" \t");
            more = end != row.npos;
            const std::string_view column = trimmed(row.substr(0, end));
            const auto number = finite_number(column);
            if (!number)
                refuse(name, line, column.empty() ? "an empty column" : text::quoted(column),
                       columns);
            numbers.push_back(*number);
            if (more) row = trimmed(row.substr(end + 1));
        }
        if (found != columns)
            refuse(name, line,
                   fmt::format("{} ({})", text::counted(found, "column"), text::quoted(whole)),
                   columns);
    }
    return numbers;
}

std::vector<double> read_table(const std::string& path, std::size_t columns) {
    return parse_table(sys::read_all(path), path == "-" ? "standard input" : path, columns);
}

std::vector<std::pair<double, double>> read_pairs(const std::string& path) {
    const std::vector<double> numbers = read_table(path, 2);
    std::vector<std::pair<double, double>> pairs;
    for (std::size_t i = 0; i < numbers.size(); i += 2)
        pairs.emplace_back(numbers[i], numbers[i + 1]);
    return pairs;
}

std::vector<double> flat(const std::vector<std::pair<double, double>>& pairs) {
    std::vector<double> numbers;
    for (const auto& [a, b] : pairs) numbers.insert(numbers.end(), {a, b});
    return numbers;
}

} // namespace mpworkshop::input
