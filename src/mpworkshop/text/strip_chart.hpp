#pragma once

#include <string>
#include <vector>

namespace mpworkshop {

/// What was measured in one interval of time, in any unit.
struct StripPoint {
    double filled = 0; ///< drawn from the bottom
    double above = 0;  ///< on top of that, with a mark of its own
};

struct StripStyle {
    unsigned width = 79; ///< columns; 40 and more are readable
    bool utf8 = false;   ///< blocks and lines, else ASCII
};

/// A chart of one quantity over time, as lines with newline ends: rows of a column for each piece
/// of time, then a time axis from 0 to `seconds`. A row stands for 1, or for 2, 4, 8, ... where
/// there would be more than eight rows; a number at its left says so. A mark stands where its row
/// is filled by half or more; of the lowest row also a little is shown. Empty without points.
std::string strip_chart(const std::vector<StripPoint>& points, double seconds,
                        const StripStyle& style);

} // namespace mpworkshop
