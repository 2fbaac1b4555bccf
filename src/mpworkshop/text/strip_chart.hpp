#pragma once

#include <string>
#include <vector>

namespace mpworkshop {

/// A measurement over one interval of time, in any unit.
struct StripPoint {
    double filled = 0; ///< drawn from the bottom
    double above = 0;  ///< above that, drawn with a different character
};

struct StripStyle {
    unsigned width = 79; ///< columns; 40 and more are readable
    bool utf8 = false;   ///< blocks and lines, else ASCII
};

/// A chart of one quantity over time, as lines that end with a newline: rows with a column for each
/// time interval, then a time axis from 0 to `seconds`. A row stands for 1, or for 2, 4, 8, ... if
/// there would be more than eight rows; the number at its left says how many. A character is drawn
/// where at least half of its row is filled; in the lowest row, less is enough. Empty without
/// points.
std::string strip_chart(const std::vector<StripPoint>& points, double seconds,
                        const StripStyle& style);

} // namespace mpworkshop
