#pragma once

#include <vector>

#include "mpworkshop/tool.hpp"

/// The tools, one file each: compare.cpp holds `mpworkshop compare`.
namespace mpworkshop::tools {

/// In the order of the help.
inline const std::vector<const Tool*> all = {};

} // namespace mpworkshop::tools
