#pragma once

#include <string>

namespace mpworkshop::sys {

/// What the caller typed to start this program: a path, or only its name if PATH leads to it.
std::string program_name();

} // namespace mpworkshop::sys
