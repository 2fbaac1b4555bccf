#pragma once

#include <CLI/CLI.hpp>

#include <string>
#include <string_view>

#include "mpworkshop/kit/command.hpp"

namespace mpworkshop {

/// The headings of the long help, in its order.
inline constexpr const char* exercises_group = "Exercises, in the order of the story";
inline constexpr const char* commands_group = "Tools";

inline constexpr const char* help_of_help = "this help, or that of a subcommand";

inline const char* group_of(const Command& command) {
    return command.is_lesson() ? exercises_group : commands_group;
}

/// A command to try, after its label, ready to paste; with its newline.
std::string example(std::string_view label, std::string_view arguments);

/// The end of a help text: wrapped words, an empty line, and a command to try.
std::string closing_words(std::string_view about, std::string_view arguments);

/// The end of the program's help: where to begin.
std::string first_steps(std::string_view label, std::string_view arguments);

/// The output of `mpworkshop` without arguments.
std::string concise_help();

/// The long help: subcommands first, then options, no line wider than 80 columns.
class Help : public CLI::Formatter {
public:
    std::string make_help(const CLI::App* app, std::string name,
                          CLI::AppFormatMode mode) const override;
};

} // namespace mpworkshop
