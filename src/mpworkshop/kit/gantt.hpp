#pragma once

#include <string>
#include <vector>

namespace mpworkshop {

/// What a lane did for a while; each kind has its own character, so color is not needed. `ready`:
/// waiting for a CPU, within a preceding bar of work.
enum class BarKind { work, start, wait, ready };

/// One bar of a lane. Units: seconds on any clock that all lanes share.
struct GanttBar {
    double begin_s = 0;
    double end_s = 0;
    BarKind kind = BarKind::work;
};

/// One line of the chart: a name in ASCII, and its bars, sorted by their begin.
struct GanttLane {
    std::string name;
    std::vector<GanttBar> bars;
};

struct GanttStyle {
    unsigned width = 79; ///< columns; 40 and more are readable
    bool utf8 = false;   ///< blocks and lines, else ASCII
};

/// A Gantt chart as lines that end with a newline: one per lane, then a time axis that begins with
/// the earliest bar, then a legend of the characters in use. A column shows what filled most of it,
/// or nothing. A shorter bar is drawn as a dot if it stands alone. A separator is drawn between
/// adjacent bars of work if a column contains exactly one such boundary. At most 32 lanes are
/// drawn, then "and N more". Empty if there is no bar.
std::string gantt(const std::vector<GanttLane>& lanes, const GanttStyle& style);

} // namespace mpworkshop
