#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/report/plot.hpp"
#include "mpworkshop/report/svg.hpp"

/// Pictures from numbers, as SVG.
namespace mpworkshop::report {

/// A length for each of some things, and between which limits it lies.
struct BarChart {
    struct Row {
        std::string label = {};
        double size = 0;
        std::string shown = {};         ///< the size in words: "1.02 s"
        std::optional<double> low = {}; ///< of the interval, if there is one
        std::optional<double> high = {};
    };

    std::string title = {}, description = {};
    std::vector<Row> rows = {};
};

/// What workers did over time. In `parts` each letter stands for an equal part of `seconds`:
/// w(orking), s(tarting), i(dle), r(eady but without a CPU), or a blank.
struct LaneChart {
    struct Lane {
        std::string name, parts;
    };

    std::string title = {}, description = {};
    double seconds = 0;
    std::vector<Lane> lanes = {};
};

/// The plot with its axes: points with their ranges, lines, the mark with the area behind it
/// hatched. `id` is unique in the page.
std::string svg(const Plot& plot, std::string_view id, Placement placement);
std::string svg(const BarChart& chart, std::string_view id, Placement placement);
/// "Waiting for a CPU" is hatched, idle is a line: the kinds are told apart without color.
std::string svg(const LaneChart& chart, std::string_view id, Placement placement);

} // namespace mpworkshop::report
