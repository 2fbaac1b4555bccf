#pragma once

#include <string>
#include <vector>

namespace mpworkshop {

/// What a lane did for a while; each kind has a mark of its own, told apart without colour.
/// `ready`: waiting for a CPU, within a bar of work before it.
enum class BarKind { work, start, wait, ready };

/// One stretch of a lane. Units: seconds by any clock that all lanes share.
struct GanttBar {
    double begin_s = 0;
    double end_s = 0;
    BarKind kind = BarKind::work;
};

/// One line of the chart: who, and what it did. The name is ASCII, the bars are sorted by their
/// begin.
struct GanttLane {
    std::string name;
    std::vector<GanttBar> bars;
};

struct GanttStyle {
    unsigned width = 79; ///< columns; 40 and more are readable
    bool utf8 = false;   ///< blocks and lines, else ASCII
};

/// A Gantt chart as lines with newline ends: one per lane, then a time axis that begins with the
/// earliest bar, then a key of the marks that occur.
/// A column shows what filled most of it, nothing included; a bar too short for that still gets a
/// dot where it stands alone. A mark parts neighbouring bars of work where a column holds one such
/// boundary. At most 32 lanes are drawn, then "and N more". Empty if there is no bar.
std::string gantt(const std::vector<GanttLane>& lanes, const GanttStyle& style);

} // namespace mpworkshop
