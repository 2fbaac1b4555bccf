#pragma once

#include <string>
#include <vector>

#include "mpworkshop/sys/terminal.hpp"

namespace mpworkshop::report {

struct Bar {
    std::string label;
    double size = 0;   ///< 0 or more
    std::string shown; ///< the size, for people
};

/// One line for each bar; the longest is as long as the terminal allows, the others in proportion.
/// Drawn with blocks in eighths of a column, or with # in ASCII.
std::string bars(const std::vector<Bar>& bars, const sys::Terminal& terminal);

} // namespace mpworkshop::report
