#include "mpworkshop/text/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "mpworkshop/text/markdown_layout.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::markdown {
namespace {

using Replacement = std::pair<std::string_view, std::string_view>;
constexpr auto replacements = std::to_array<Replacement>({
    {"²", "^2"},
    {"³", "^3"},
    {"×", "x"},
    {"µ", "u"},
    {"π", "pi"},
    {"±", "+/-"},
    {"≤", "<="},
    {"≥", ">="},
    {"–", "-"},
    {"—", "-"},
    {"’", "'"},
    {"‘", "'"},
    {"“", "\""},
    {"”", "\""},
    {"…", "..."},
    {"→", "->"},
    {" ", " "},
});

std::string_view next_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return line;
}

/// Where the emphasis that begins with `mark` at `at` ends; npos if it is no emphasis, as in 2 * 3
/// * 4.
std::size_t end_of_emphasis(std::string_view text, std::size_t at, std::string_view mark) {
    const std::size_t inside = at + mark.size();
    if (inside >= text.size() || text[inside] == ' ') return text.npos;
    const std::size_t end = text.find(mark, inside + 1);
    return end == text.npos || text[end - 1] == ' ' ? text.npos : end;
}

/// A paragraph without its markup.
std::string words_of(std::string_view text) {
    std::string words;
    for (std::size_t at = 0; at < text.size();) {
        const std::string_view rest = text.substr(at);
        if (rest[0] == '`') {
            const std::size_t end = rest.find('`', 1);
            if (end != rest.npos) {
                words += rest.substr(1, end - 1);
                at += end + 1;
                continue;
            }
        } else if (rest[0] == '[') {
            const std::size_t middle = rest.find("](");
            const std::size_t end = middle == rest.npos ? middle : rest.find(')', middle);
            if (end != rest.npos) {
                words += words_of(rest.substr(1, middle - 1));
                at += end + 1;
                continue;
            }
        } else if (rest[0] == '*') {
            const std::string_view mark = rest.starts_with("**") ? "**" : "*";
            const std::size_t end = end_of_emphasis(text, at, mark);
            if (end != text.npos) {
                words += words_of(text.substr(at + mark.size(), end - at - mark.size()));
                at = end + mark.size();
                continue;
            }
        }
        words += rest[0];
        ++at;
    }
    return words;
}

/// The cells of "| a | `b` |", without their markup.
std::vector<std::string> columns_of(std::string_view line) {
    std::vector<std::string> columns;
    line.remove_prefix(1);
    for (std::size_t end = line.find('|'); end != line.npos; end = line.find('|')) {
        std::string_view words = line.substr(0, end);
        words.remove_prefix(std::min(words.size(), words.find_first_not_of(' ')));
        columns.push_back(words_of(words.substr(0, words.find_last_not_of(' ') + 1)));
        line.remove_prefix(end + 1);
    }
    return columns;
}

/// What begins a list item, "- " or "12. "; empty if the line begins none.
std::string_view item_mark(std::string_view line) {
    if (line.starts_with("- ")) return line.substr(0, 2);
    const std::size_t end = line.find_first_not_of("0123456789");
    const bool numbered = end > 0 && end != line.npos && line.substr(end).starts_with(". ");
    return numbered ? line.substr(0, end + 2) : std::string_view();
}

/// Collects lines and joins them into one text. Emphasis may span lines, so paragraphs are read as
/// a whole.
class Layout {
public:
    explicit Layout(const Style& style) : style_(style) {}

    void add(std::string_view words) {
        if (!paragraph_.empty()) paragraph_ += ' ';
        paragraph_ += words;
    }
    void begin_item(std::string_view mark, std::string_view words) {
        end_paragraph();
        mark_ = mark;
        add(words);
    }
    void add_row(std::string_view line) {
        if (rows_.empty()) end_paragraph();
        if (!line.starts_with("|--")) rows_.push_back(columns_of(shown(line)));
    }
    void add_code(std::string_view line) { code_.push_back(shown(line)); }
    void end_code(std::string_view language) {
        text_ += listing(code_, language, style_.width);
        code_.clear();
        empty_line();
    }
    /// At most one, and none at the beginning.
    void empty_line() {
        end_paragraph();
        if (!text_.empty() && !text_.ends_with("\n\n")) text_ += '\n';
    }
    void end_paragraph() {
        text_ += table(std::exchange(rows_, {}), style_.width);
        std::string margin = mark_;
        for (const std::string& line :
             text::wrapped(shown(words_of(paragraph_)), style_.width - margin.size())) {
            text_ += fmt::format("{}{}\n", margin, line);
            margin.assign(margin.size(), ' ');
        }
        paragraph_.clear();
        mark_.clear();
    }
    std::string text() {
        empty_line();
        if (text_.ends_with("\n\n")) text_.pop_back();
        return std::move(text_);
    }

private:
    std::string shown(std::string_view words) const {
        return style_.utf8 ? std::string(words) : ascii(words);
    }

    Style style_;
    std::string text_;
    std::string paragraph_;
    std::string mark_; ///< of the list item that the paragraph belongs to
    std::vector<std::string> code_;
    std::vector<std::vector<std::string>> rows_;
};

} // namespace

std::string plain(std::string_view markdown, const Style& style) {
    Layout layout(style);
    bool code = false;
    std::string_view language;
    while (!markdown.empty()) {
        const std::string_view line = next_line(markdown);
        const std::string_view words =
            line.substr(std::min(line.size(), line.find_first_not_of(" #")));
        if (line.starts_with("```")) {
            if (code)
                layout.end_code(language);
            else
                layout.empty_line();
            code = !code;
            language = line.substr(3);
        } else if (code) {
            layout.add_code(line);
        } else if (line.empty()) {
            layout.empty_line();
        } else if (line.starts_with("#")) {
            layout.empty_line();
            layout.add(words);
            layout.empty_line();
        } else if (line.starts_with("|")) {
            layout.add_row(line);
        } else if (const std::string_view mark = item_mark(line); !mark.empty()) {
            layout.begin_item(mark, line.substr(mark.size()));
        } else {
            layout.add(words);
        }
    }
    return layout.text();
}

std::string ascii(std::string_view text) {
    std::string plain;
    while (!text.empty()) {
        if (static_cast<unsigned char>(text[0]) < 0x80) {
            plain += text[0];
            text.remove_prefix(1);
            continue;
        }
        std::string_view by = "?";
        std::size_t length = 1;
        while (length < text.size() && (static_cast<unsigned char>(text[length]) & 0xc0) == 0x80)
            ++length;
        for (const auto& [character, plain_one] : replacements)
            if (text.substr(0, length) == character) by = plain_one;
        plain += by;
        text.remove_prefix(length);
    }
    return plain;
}

} // namespace mpworkshop::markdown
