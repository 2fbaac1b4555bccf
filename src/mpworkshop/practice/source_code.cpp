#include "mpworkshop/practice/source_code.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>

namespace mpworkshop::practice {
namespace {

constexpr std::size_t longest = 16 << 10; // std::regex goes one level deeper for each character

/// Takes a text apart: what is a comment is replaced by blanks.
class Blanked {
public:
    Blanked(std::string_view source, Language language)
        : text_(source.substr(0, longest)), python_(language == Language::python) {
        while (at_ < text_.size()) step();
    }
    std::string text() && { return std::move(text_); }

private:
    bool follows(std::string_view what) const {
        return std::string_view(text_).substr(at_).starts_with(what);
    }

    void step() {
        if (python_ ? follows("#") : follows("//"))
            blank_until("\n", 0);
        else if (!python_ && follows("/*"))
            blank_until("*/", 2);
        else if (python_ && (follows("\"\"\"") || follows("'''")))
            blank_until(text_.substr(at_, 3), 3);
        else if (text_[at_] == '"' || text_[at_] == '\'')
            skip_quoted();
        else
            ++at_;
    }

    /// Up to the next `end`, and `more` characters of it.
    void blank_until(const std::string& end, std::size_t more) {
        const std::size_t found = text_.find(end, at_ + more);
        const std::size_t last = found == text_.npos ? text_.size() : found + more;
        for (; at_ < last; ++at_)
            if (text_[at_] != '\n') text_[at_] = ' ';
    }

    void skip_quoted() {
        const char quote = text_[at_];
        for (++at_; at_ < text_.size() && text_[at_] != quote && text_[at_] != '\n'; ++at_)
            if (text_[at_] == '\\') ++at_;
        at_ = std::min(at_ + 1, text_.size());
    }

    std::string text_;
    bool python_;
    std::size_t at_ = 0;
};

bool holds(const std::string& source, const std::string& pattern) {
    return std::regex_search(source, std::regex(pattern));
}

} // namespace

std::string without_comments(std::string_view source, Language language) {
    return Blanked(source, language).text();
}

std::string cause_in(std::string_view source, Language language, const Task& task, Aspect aspect) {
    const std::string code = without_comments(source, language);
    for (const Trap& trap : task.traps) {
        const std::string& pattern = trap.pattern[std::size_t(language)];
        if (trap.aspect != aspect || pattern.empty()) continue;
        if (!trap.unless.empty() && holds(code, trap.unless)) continue;
        if (!trap.only_with.empty() && !holds(code, trap.only_with)) continue;
        std::smatch found;
        if (!std::regex_search(code, found, std::regex(pattern))) continue;
        const auto last = found[0].second - (found.length() > 0 ? 1 : 0);
        const auto line = 1 + std::count(code.begin(), last, '\n');
        std::string says = trap.says;
        if (const std::size_t at = says.find("{line}"); at != says.npos)
            says.replace(at, 6, std::to_string(line));
        return says;
    }
    return "";
}

} // namespace mpworkshop::practice
