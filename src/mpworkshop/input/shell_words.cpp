#include "mpworkshop/input/shell_words.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mpworkshop/input/error.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::input {

std::vector<std::string> shell_words(std::string_view command) {
    std::vector<std::string> words;
    bool within = false; // inside a word, which may be an empty one: ''
    char quote = 0;
    const auto add = [&](char c) {
        if (!within) words.emplace_back();
        within = true;
        if (c != 0) words.back() += c;
    };
    for (std::size_t i = 0; i < command.size(); ++i) {
        const char c = command[i];
        const char next = i + 1 < command.size() ? command[i + 1] : 0;
        if (c == '\\' && quote != '\'') {
            if (next == 0)
                throw UsageError(fmt::format("{} ends in \\; put the whole run in quotes",
                                             text::quoted(command)));
            if (quote == '"' && next != '"' && next != '\\') add(c);
            add(next);
            ++i;
        } else if (quote != 0) {
            if (c == quote)
                quote = 0;
            else
                add(c);
        } else if (c == '\'' || c == '"') {
            quote = c;
            add(0);
        } else if (c == ' ' || c == '\t' || c == '\n') {
            within = false;
        } else {
            add(c);
        }
    }
    if (quote != 0)
        throw UsageError(
            fmt::format("{} has a quote that is not closed; close it", text::quoted(command)));
    return words;
}

std::string shell_quoted(std::string_view word) {
    const auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("_-+./:,=@%").find(c) != std::string_view::npos;
    };
    if (!word.empty() && std::ranges::all_of(word, is_plain)) return std::string(word);
    std::string quoted = "'";
    for (const char c : word) quoted += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return quoted + "'";
}

} // namespace mpworkshop::input
