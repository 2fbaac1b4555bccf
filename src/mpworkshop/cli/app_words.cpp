#include "mpworkshop/cli/app_words.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "mpworkshop/input/error.hpp"
#include "mpworkshop/input/number.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop {
namespace {

constexpr char value_mark =
    '\x1f'; // a word that begins with it is marked, too, and so is restored unchanged

constexpr const char* rest_mark = "..."; // no option has this as the name of its value

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// -5, -.5 or -1e3,2: one or more numbers, not an option.
bool begins_with_negative_number(std::string_view word) {
    if (!word.starts_with('-')) return false;
    word.remove_prefix(1);
    if (word.starts_with('.')) word.remove_prefix(1);
    return !word.empty() && is_digit(word.front());
}

/// CLI11 splits [1,2] and ends a subcommand at ++.
bool means_something_to_cli11(std::string_view word) {
    return word.starts_with('[') || word.starts_with('+') || word.starts_with(value_mark);
}

/// The option named by a word such as --csv=FILE or -v=1; null if there is none.
const CLI::Option* option_named(const CLI::App& app, const CLI::App* command,
                                const std::string& name) {
    for (const CLI::App* each : {command, &app})
        if (each != nullptr)
            if (const CLI::Option* option = each->get_option_no_throw(name)) return option;
    return nullptr;
}

/// --name=value with its value marked.
std::string with_marked_value(const CLI::App& app, const CLI::App* command,
                              const std::string& word) {
    const std::size_t equals = word.find('=');
    if (!word.starts_with('-') || equals == word.npos) return word;
    const std::string name = word.substr(0, equals);
    const CLI::Option* option = option_named(app, command, name);
    if (option == nullptr) return word;
    if (option->get_items_expected_max() == 0)
        throw UsageError(fmt::format("{}{} takes no value; write {} alone",
                                     command ? command->get_name() + ": " : "",
                                     text::printable(name), text::printable(name)));
    if (!name.starts_with("--")) return word;
    return name + "=" + value_mark + word.substr(equals + 1);
}

bool takes_rest(const CLI::App& command) {
    return std::ranges::any_of(command.get_options(),
                               [](const CLI::Option* option) { return is_rest(*option); });
}

/// Where the words begin that the subcommand takes unchanged; the number of words if there are
/// none.
std::size_t begin_of_rest(const CLI::App& app, const CLI::App* command,
                          std::span<const char* const> words) {
    if (command == nullptr || !takes_rest(*command)) return words.size();
    std::size_t at = 0;
    while (words[at] != command->get_name()) ++at;
    for (++at; at < words.size(); ++at) {
        const std::string word = words[at];
        if (word == "--") return at + 1;
        if (!word.starts_with('-')) return at;
        const CLI::Option* option = option_named(app, command, word);
        if (option != nullptr && option->get_items_expected_max() > 0) ++at; // its value
    }
    return words.size();
}

/// As its value is called in the help: [X].
bool needs_no_value(const CLI::Option& option) { return option.get_option_text().starts_with('['); }

/// Whether the first of these words is an option that stands without the number that it may have.
bool is_alone(const CLI::App& app, const CLI::App* command, std::span<const char* const> words) {
    const std::string_view word = words.front();
    if (!word.starts_with("--")) return false;
    const CLI::Option* option = option_named(app, command, words.front());
    if (option == nullptr || !needs_no_value(*option)) return false;
    return words.size() == 1 || !input::finite_number(words[1]);
}

} // namespace

const CLI::App* command_in(const CLI::App& app, std::span<const char* const> words) {
    for (const char* word : words)
        for (const CLI::App* command : app.get_subcommands({}))
            if (command->get_name() == word) return command;
    return nullptr;
}

void mark_rest(CLI::Option& positional) { positional.option_text(rest_mark); }

bool is_rest(const CLI::Option& positional) { return positional.get_option_text() == rest_mark; }

std::vector<std::string> marked_words(const CLI::App& app, std::span<const char* const> words) {
    const CLI::App* command = command_in(app, words);
    const std::size_t begin = begin_of_rest(app, command, words);
    const std::span<const char* const> rest = words.subspan(begin);
    std::vector<std::string> marked;
    bool only_values = false;
    for (std::size_t i = 0; i < begin; ++i) {
        const std::string word = words[i];
        if (!only_values && word == "--")
            only_values = true;
        else if (!only_values && is_alone(app, command, words.first(begin).subspan(i)))
            marked.push_back(word + "=" + value_mark);
        else if (begins_with_negative_number(word) || means_something_to_cli11(word) ||
                 (only_values && word.starts_with('-')))
            marked.push_back(value_mark + word);
        else
            marked.push_back(only_values ? word : with_marked_value(app, command, word));
    }
    for (const char* word : rest) marked.push_back(value_mark + std::string(word));
    return marked;
}

std::string unmarked(std::string word) {
    if (word.starts_with(value_mark)) word.erase(0, 1);
    return word;
}

} // namespace mpworkshop
