#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace mpworkshop::report {

struct PlotPoint {
    double x = 0;
    double y = 0;
    double low = 0; ///< the range of y, for points
    double high = 0;
};

/// One thing to draw. A line passes through its points, which stand in the order of x.
struct PlotSeries {
    enum class Kind { points, line };

    std::string name;
    char symbol = '*';
    Kind kind = Kind::points;
    std::vector<PlotPoint> points = {};
};

/// A picture as data: a writer draws it for the terminal, another by gnuplot. Both axes begin at 0.
struct Plot {
    std::string title = {}, subtitle = {};
    std::string x_title = {}, y_title = {};
    std::vector<PlotSeries> series = {}; ///< later ones lie above earlier ones
    double mark = 0;                     ///< a vertical line at this x, from which on it is crowded
    std::string mark_title = {};
};

/// The largest x and y that a writer has to show.
PlotPoint extent(const Plot& plot);

/// In letters, ASCII, at most `width` - 1 columns: the axes, the series, | where the mark is, and a
/// line below that says which letter is which.
std::string text(const Plot& plot, std::size_t width);

} // namespace mpworkshop::report
