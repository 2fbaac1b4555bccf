#pragma once

#include <string>

#include "mpworkshop/cli/command_line.hpp"

namespace mpworkshop::commands {

/// The page mpworkshop(1), in the macros of man(7).
std::string man_page(const CommandLineSpec& spec);

} // namespace mpworkshop::commands
