#include "mpworkshop/text/text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace mpworkshop::text {
namespace {

/// The length of the well-formed UTF-8 character at the front; 0 if there is none, or if it
/// controls a terminal.
std::size_t character_length(std::string_view text) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const unsigned char first = byte(0);
    if (first < 0x80) return first >= 0x20 && first != 0x7f ? 1 : 0;
    const std::size_t length = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
    if (first < 0xc2 || first > 0xf4 || length > text.size()) return 0;
    for (std::size_t i = 1; i < length; ++i)
        if ((byte(i) & 0xc0) != 0x80) return 0;
    if (first == 0xc2 && byte(1) < 0xa0)
        return 0; // C1: some terminals take 0x9b as an escape sequence
    const bool overlong = (first == 0xe0 && byte(1) < 0xa0) || (first == 0xf0 && byte(1) < 0x90);
    const bool beyond = (first == 0xed && byte(1) > 0x9f) || (first == 0xf4 && byte(1) > 0x8f);
    // U+202A to U+202E and U+2066 to U+2069 change the direction of the following text.
    const bool turns = first == 0xe2 && ((byte(1) == 0x80 && byte(2) >= 0xaa && byte(2) <= 0xae) ||
                                         (byte(1) == 0x81 && byte(2) >= 0xa6 && byte(2) <= 0xa9));
    return overlong || beyond || turns ? 0 : length;
}

} // namespace

std::string printable(std::string_view text, std::size_t longest) {
    std::string shown;
    for (std::size_t i = 0; i < text.size();) {
        if (shown.size() >= longest) return shown + "...";
        if (const std::size_t length = character_length(text.substr(i))) {
            shown += text.substr(i, length);
            i += length;
        } else {
            shown += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[i++]));
        }
    }
    return shown;
}

std::string quoted(std::string_view text) { return "'" + printable(text) + "'"; }

std::string grouped(std::uint64_t number) {
    std::string digits = std::to_string(number);
    for (std::size_t i = digits.size(); i > 3; i -= 3) digits.insert(i - 3, ",");
    return digits;
}

std::string compact(std::uint64_t number) {
    std::string digits = std::to_string(number);
    const std::size_t exponent = digits.size() - 1;
    digits.erase(digits.find_last_not_of('0') + 1); // 0 leaves nothing
    if (exponent + 1 < digits.size() + 3) return std::to_string(number);
    if (digits.size() > 1) digits.insert(1, ".");
    return fmt::format("{}e{}", digits, exponent);
}

std::string counted(std::uint64_t number, std::string_view noun) {
    const bool hisses = noun.ends_with("s") || noun.ends_with("x");
    return fmt::format("{} {}{}", grouped(number), noun, number == 1 ? "" : hisses ? "es" : "s");
}

std::string duration(double seconds) {
    static constexpr const char* units[] = {"s", "ms", "us", "ns"};
    int unit = 0;
    // 0.9995 ms would be rounded to "1000 us", so the larger unit begins there.
    while (unit < 3 && std::abs(seconds) < 0.9995) seconds *= 1000, ++unit;
    const double size = std::abs(seconds);
    return fmt::format("{:.{}f} {}", seconds, size < 9.995 ? 2 : size < 99.95 ? 1 : 0, units[unit]);
}

std::vector<std::string> wrapped(std::string_view text, std::size_t width) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(std::min(text.size(), word.size() + 1));
        if (word.empty()) continue;
        if (!lines.empty() && lines.back().size() + 1 + word.size() <= width)
            (lines.back() += ' ') += word;
        else
            lines.emplace_back(word);
    }
    return lines;
}

std::string paragraph(std::string_view text, std::size_t width) {
    return fmt::format("{}\n", fmt::join(wrapped(text, width), "\n"));
}

std::string fitted(std::string_view lines, std::size_t width) {
    std::string fitted;
    for (bool more = true; more;) {
        const std::size_t end = lines.find('\n');
        more = end != lines.npos;
        const std::string_view line = lines.substr(0, end);
        if (more) lines.remove_prefix(end + 1);
        const std::size_t indent = std::min({line.size(), line.find_first_not_of(' '), width / 4});
        if (line.size() <= width)
            fitted += fmt::format("{}\n", line);
        else
            for (const std::string& part : wrapped(line, width - indent))
                fitted += fmt::format("{:{}}{}\n", "", indent, part);
    }
    return fitted;
}

std::size_t last_break(std::string_view code, std::size_t width) {
    std::size_t best = code.npos;
    char quote = 0;
    for (std::size_t i = 0; i < code.size(); ++i) {
        if (i > width && best != code.npos) break;
        if (quote != 0)
            quote = code[i] == quote ? char(0) : quote;
        else if (code[i] == '\'' || code[i] == '"')
            quote = code[i];
        else if (code[i] == ' ' && i > 0)
            best = i;
    }
    return best;
}

std::string command(std::string_view label, std::string_view command, std::size_t width) {
    std::string lines(label);
    for (std::size_t margin = label.size(); margin + command.size() > width; margin = 2) {
        const std::size_t room = width > margin + 12 ? width - margin - 2 : 10;
        const std::size_t at = last_break(command, room);
        if (at == command.npos) break;
        lines += fmt::format("{} \\\n  ", command.substr(0, at));
        command.remove_prefix(at + 1);
    }
    return lines.append(command) + '\n';
}

std::string ending(std::string_view words, std::string_view command, std::size_t width) {
    const bool one_line = words.size() + command.size() <= width;
    if (one_line && !words.empty() && !command.empty()) return fmt::format("{} {}", words, command);
    return (words.empty() ? std::string() : paragraph(words, width)).append(command);
}

} // namespace mpworkshop::text
