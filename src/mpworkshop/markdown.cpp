#include "mpworkshop/markdown.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

#include "mpworkshop/text.hpp"

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

/// Where the emphasis that begins with `mark` at `at` ends; npos where it is no emphasis, as in
/// 2 * 3 * 4.
std::size_t end_of_emphasis(std::string_view text, std::size_t at, std::string_view mark) {
    const std::size_t inside = at + mark.size();
    if (inside >= text.size() || text[inside] == ' ') return text.npos;
    const std::size_t end = text.find(mark, inside + 1);
    return end == text.npos || text[end - 1] == ' ' ? text.npos : end;
}

/// A paragraph without its marks.
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

std::string as_it_is(std::string_view text) { return std::string(text); }

/// Collects lines and puts what they make into one text. A mark may span lines, so paragraphs are
/// read as a whole.
class Layout {
public:
    Layout(const Style& style, std::string (*read)(std::string_view))
        : style_(style), read_(read) {}

    void add(std::string_view words) {
        if (!paragraph_.empty()) paragraph_ += ' ';
        paragraph_ += words;
    }
    void begin_item(std::string_view words) {
        end_paragraph();
        item_ = true;
        add(words);
    }
    void verbatim(std::string_view margin, std::string_view line) {
        end_paragraph();
        text_ += fmt::format("{}{}\n", margin, shown(line));
    }
    /// At most one, and none at the beginning.
    void empty_line() {
        end_paragraph();
        if (!text_.empty() && !text_.ends_with("\n\n")) text_ += '\n';
    }
    void end_paragraph() {
        const std::string margin(item_ ? 2 : 0, ' ');
        std::string begin = item_ ? "- " : "";
        for (const std::string& line :
             text::wrapped(shown(read_(paragraph_)), style_.width - margin.size())) {
            text_ += fmt::format("{}{}\n", begin, line);
            begin = margin;
        }
        paragraph_.clear();
        item_ = false;
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
    std::string (*read_)(std::string_view);
    std::string text_;
    std::string paragraph_;
    bool item_ = false;
};

} // namespace

std::string plain(std::string_view markdown, const Style& style) {
    Layout layout(style, words_of);
    bool code = false;
    while (!markdown.empty()) {
        const std::string_view line = next_line(markdown);
        const std::string_view words =
            line.substr(std::min(line.size(), line.find_first_not_of(" #")));
        if (line.starts_with("```")) {
            layout.empty_line();
            code = !code;
        } else if (code) {
            layout.verbatim("    ", line);
        } else if (line.empty()) {
            layout.empty_line();
        } else if (line.starts_with("#")) {
            layout.empty_line();
            layout.add(words);
            layout.empty_line();
        } else if (line.starts_with("- ")) {
            layout.begin_item(line.substr(2));
        } else {
            layout.add(words);
        }
    }
    return layout.text();
}

std::string wrapped(std::string_view text, const Style& style) {
    Layout layout(style, as_it_is);
    while (!text.empty()) {
        const std::string_view line = next_line(text);
        if (line.empty())
            layout.empty_line();
        else if (line.starts_with(' '))
            layout.verbatim("", line);
        else
            layout.add(line);
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
