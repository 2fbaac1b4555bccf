#pragma once

#include <string>
#include <string_view>

namespace mpworkshop::sys {

/// The program that a shell would start for this name, by PATH; empty if there is none.
std::string find_program(std::string_view name);

} // namespace mpworkshop::sys
