#pragma once

#include <string>

namespace mpworkshop::sys {

/// What the caller wrote to start this program: a path, or its name alone where PATH leads to it.
std::string program_name();

} // namespace mpworkshop::sys
