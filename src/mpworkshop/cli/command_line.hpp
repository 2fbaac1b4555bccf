#pragma once

#include <string>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop {

/// The options of every subcommand, which may also stand before its name.
std::vector<input::Option> common_options(Run::Settings& settings, bool& version);

/// The syntax of one subcommand, for the man page and for shell completion. The options are
/// descriptions: they read nothing.
struct SubcommandSpec {
    std::string name;
    std::string group; ///< its heading in the help; empty: it is not listed
    std::string summary;
    std::string about;
    std::string example = {};
    std::vector<input::Option> options = {};
};

/// Everything that may appear on the command line.
struct CommandLineSpec {
    std::vector<SubcommandSpec> subcommands; ///< in the order of the help
    std::vector<input::Option> options;      ///< those of every subcommand, --help included
};

CommandLineSpec command_line_spec();

} // namespace mpworkshop
