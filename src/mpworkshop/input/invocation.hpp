#pragma once

#include <string>
#include <string_view>

namespace mpworkshop {

/// How to start this program again in the same shell, ready to paste: "./run" if that script
/// started it, "mpworkshop" if PATH leads to it, else the path that was typed.
std::string invocation();

/// The same with a subcommand and its arguments: "./run map --count 5".
std::string invocation(std::string_view arguments);

} // namespace mpworkshop
