#include "mpworkshop/text/markdown_layout.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::markdown {
namespace {

constexpr std::size_t code_margin = 4;

struct CodeLine {
    std::size_t indent = 0;
    std::string code = {};
    std::string comment = {}; ///< at its end, without the comment sign
};

std::string_view comment_mark(std::string_view language) {
    return language == "cpp" ? "//" : language == "text" ? "" : "#";
}

std::string_view without_trailing_blanks(std::string_view text) {
    return text.substr(0, text.find_last_not_of(' ') + 1);
}

CodeLine parse(std::string_view line, std::string_view mark) {
    CodeLine parsed{.indent = std::min(line.size(), line.find_first_not_of(' '))};
    const std::size_t at = mark.empty() ? line.npos : line.find(fmt::format("  {} ", mark));
    if (at != line.npos && at > parsed.indent) {
        parsed.comment = line.substr(at + 3 + mark.size());
        line = line.substr(0, at);
    }
    parsed.code = without_trailing_blanks(line.substr(parsed.indent));
    return parsed;
}

std::string folded(const CodeLine& line, std::string_view language, std::size_t width) {
    const std::string_view suffix = language == "sh" ? " \\" : "";
    std::string lines;
    std::string_view code = line.code;
    std::size_t margin = code_margin + line.indent;
    while (true) {
        const std::size_t room = width > margin + 10 ? width - margin : 10;
        const std::size_t at =
            code.size() <= room ? code.npos : text::last_break(code, room - suffix.size());
        const bool ends = at == code.npos || code.substr(at) == " \\";
        lines += fmt::format("{:{}}{}{}\n", "", margin,
                             without_trailing_blanks(ends ? code : code.substr(0, at)),
                             ends ? "" : suffix);
        if (ends) return lines;
        code.remove_prefix(code.find_first_not_of(' ', at));
        margin = code_margin + line.indent + 2;
    }
}

std::string comment_above(const CodeLine& line, std::string_view mark, std::size_t width) {
    const std::string margin = std::string(code_margin + line.indent, ' ') + std::string(mark);
    std::string lines;
    for (const std::string& words : text::wrapped(line.comment, width - margin.size() - 1))
        lines += fmt::format("{} {}\n", margin, words);
    return lines;
}

/// The column of the comments after shell commands, which depends on the program's name.
std::size_t comment_column(const std::vector<CodeLine>& lines) {
    std::size_t column = 0;
    for (const CodeLine& line : lines)
        if (!line.comment.empty()) column = std::max(column, line.indent + line.code.size() + 2);
    return column;
}

} // namespace

std::string listing(const std::vector<std::string>& lines, std::string_view language,
                    std::size_t width) {
    const std::string_view mark = comment_mark(language);
    std::vector<CodeLine> parsed;
    parsed.reserve(lines.size());
    for (const std::string& line : lines) parsed.push_back(parse(line, mark));
    const std::size_t column = comment_column(parsed);
    std::string listing;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        std::string line(without_trailing_blanks(lines[i]));
        if (language == "sh" && !parsed[i].comment.empty())
            line = fmt::format("{:{}}{} {}", std::string(parsed[i].indent, ' ') + parsed[i].code,
                               column, mark, parsed[i].comment);
        if (line.empty())
            listing += "\n";
        else if (line.size() + code_margin <= width)
            listing += fmt::format("{:{}}{}\n", "", code_margin, line);
        else
            listing += comment_above(parsed[i], mark, width) + folded(parsed[i], language, width);
    }
    return listing;
}

std::string table(const std::vector<std::vector<std::string>>& rows, std::size_t width) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
    }
    const bool fits = std::accumulate(widths.begin(), widths.end(), 2 * widths.size()) <= width + 2;
    std::string lines;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (fits)
                line += fmt::format("{:{}}", row[i], widths[i] + 2);
            else
                for (const std::string& part : text::wrapped(row[i], width - 2))
                    line += fmt::format("{}{}\n", i == 0 ? "" : "  ", part);
        }
        lines += fits ? fmt::format("{}\n", without_trailing_blanks(line)) : line;
    }
    return lines;
}

} // namespace mpworkshop::markdown
