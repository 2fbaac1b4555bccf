#pragma once

#include <string>

namespace mpworkshop {

std::string version();      ///< "0.1.0"
std::string compiler();     ///< "GCC 12.2.0"
std::string release_date(); ///< "2026-11-25", of this version
std::string build_type();   ///< "Release"
std::string version_text(); ///< all of it, with the name and the version first

} // namespace mpworkshop
