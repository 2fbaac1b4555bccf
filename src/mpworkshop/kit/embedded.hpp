#pragma once

#include <string_view>

namespace mpworkshop {

/// The text of a file of this repository as it was when the program was built, such as
/// "exercises/map.cpp"; CMakeLists.txt lists which. Empty if it is none of them.
std::string_view embedded(std::string_view path);

} // namespace mpworkshop
