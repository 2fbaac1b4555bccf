#pragma once

#include <string>

#include "mpworkshop/cli/command_line.hpp"

/// Scripts by which a shell completes the words of a command line: subcommands, options, the words
/// that an option takes, files and folders.
namespace mpworkshop::commands {

/// For bash; needs no bash-completion.
std::string bash_completion(const CommandLineSpec& spec);
/// For zsh; belongs in a file called _mpworkshop in a folder of $fpath.
std::string zsh_completion(const CommandLineSpec& spec);
/// For fish.
std::string fish_completion(const CommandLineSpec& spec);

} // namespace mpworkshop::commands
