#pragma once

#include <string>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop {

/// The options of every subcommand, which may also stand before its name.
std::vector<input::Option> common_options(Run::Settings& settings, bool& version);

/// One subcommand as it may be written, for the man page and for completion by a shell. The options
/// are descriptions: they read nothing.
struct SubcommandSpec {
    std::string name;
    std::string group; ///< its heading in the help; empty: it is not listed there
    std::string summary;
    std::string about;
    std::string example = {};
    std::vector<input::Option> options = {};
};

/// All that may stand on the command line.
struct CommandLineSpec {
    std::vector<SubcommandSpec> subcommands; ///< in the order of the help
    std::vector<input::Option> options;      ///< those of every subcommand, --help included
};

CommandLineSpec command_line_spec();

} // namespace mpworkshop
