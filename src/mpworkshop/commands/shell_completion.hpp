#pragma once

#include <string>

#include "mpworkshop/cli/command_line.hpp"

/// Scripts with which a shell completes a command line: subcommands, options, values of options,
/// files and folders.
namespace mpworkshop::commands {

/// For bash; needs no bash-completion.
std::string bash_completion(const CommandLineSpec& spec);
/// For zsh; install it as _mpworkshop in a folder of $fpath.
std::string zsh_completion(const CommandLineSpec& spec);
/// For fish.
std::string fish_completion(const CommandLineSpec& spec);

} // namespace mpworkshop::commands
