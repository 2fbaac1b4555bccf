#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/exercise.hpp"

namespace mpworkshop::commands {

/// Where a lesson stands in the repository: "exercises/pi_serial.cpp" for pi-serial.
std::string source_path(const Exercise& exercise);

/// The files beside it that its teaching part includes, such as exercises/pi.hpp and pi.cpp.
std::vector<std::string> companions(std::string_view code);

} // namespace mpworkshop::commands
