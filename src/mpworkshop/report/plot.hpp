#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace mpworkshop::report {

struct PlotPoint {
    double x = 0;
    double y = 0;
    double low = 0; ///< the range of y, for points; an SVG shows it of at most 60
    double high = 0;
};

/// One thing to draw. A line passes through its points, which are sorted by x.
struct PlotSeries {
    enum class Kind { points, line };

    std::string name;
    char symbol = '*';
    Kind kind = Kind::points;
    std::vector<PlotPoint> points = {};
};

/// A picture as data: a writer draws it for the terminal, another as SVG. Both axes begin at 0.
struct Plot {
    std::string title = {}, subtitle = {};
    std::string x_title = {}, y_title = {};
    std::vector<PlotSeries> series = {}; ///< later ones are drawn over earlier ones
    double mark = 0; ///< a vertical line at this x, beyond which there are more workers than CPUs
    std::string mark_title = {};
    bool scattered = false;   ///< no line leads from point to point
    bool logarithmic = false; ///< both axes, for SVG alone; what is not above 0 has no place there
};

/// The largest x and y to show.
PlotPoint extent(const Plot& plot);

/// Drawn with ASCII letters in at most `width` - 1 columns: the axes, the series, | at the mark,
/// and a legend of the letters below.
std::string text(const Plot& plot, std::size_t width);

} // namespace mpworkshop::report
