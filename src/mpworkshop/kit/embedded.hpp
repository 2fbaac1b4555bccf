#pragma once

#include <string_view>

namespace mpworkshop {

/// The text of a file of this repository, such as "exercises/map.cpp", when the program was built;
/// CMakeLists.txt has the list. Empty for any other file.
std::string_view embedded(std::string_view path);

} // namespace mpworkshop
