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

/// One line for each, the longest as long as the terminal allows and the others in proportion, from
/// blocks to an eighth of a column, or from # in ASCII.
std::string bars(const std::vector<Bar>& bars, const sys::Terminal& terminal);

} // namespace mpworkshop::report
