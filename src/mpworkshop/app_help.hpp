#pragma once

#include <CLI/CLI.hpp>

#include <string>

#include "mpworkshop/exercise.hpp"

namespace mpworkshop {

/// The headings of the long help, in its order.
inline constexpr const char* exercises_group = "Exercises, in teaching order";
inline constexpr const char* demonstrations_group = "Demonstrations";
inline constexpr const char* commands_group = "Tools";

inline constexpr const char* help_of_help = "this help, or that of a subcommand";

inline const char* group_of(Kind kind) {
    return kind == Kind::exercise ? exercises_group : demonstrations_group;
}

/// What a bare `mpworkshop` says.
std::string concise_help();

/// The long help: subcommands first, then options, no line wider than 80 columns.
class Help : public CLI::Formatter {
public:
    std::string make_help(const CLI::App* app, std::string name,
                          CLI::AppFormatMode mode) const override;
};

} // namespace mpworkshop
