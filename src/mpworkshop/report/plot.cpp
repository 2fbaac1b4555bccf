#include "mpworkshop/report/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <optional>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::report {
namespace {

constexpr std::size_t margin = 6; // "  2.0 " in front of the axis

/// The y of a line at this x; empty outside the line.
std::optional<double> at(const std::vector<PlotPoint>& points, double x) {
    for (std::size_t i = 1; i < points.size(); ++i) {
        const PlotPoint &a = points[i - 1], &b = points[i];
        if (x >= a.x && x <= b.x) return std::lerp(a.y, b.y, (x - a.x) / (b.x - a.x));
    }
    return std::nullopt;
}

/// 1, 2 or 5 times a power of ten, so that at most `most` of them fit into `length`.
double step_of(double length, std::size_t most) {
    double unit = std::pow(10, std::floor(std::log10(length / double(most))));
    for (const double factor : {1.0, 2.0, 5.0, 10.0})
        if (length / (unit * factor) <= double(most)) return unit * factor;
    return unit * 10;
}

class Canvas {
public:
    Canvas(const Plot& plot, std::size_t width)
        : columns_(std::clamp<std::size_t>(width, 40, 100) - margin - 2),
          rows_(width < 60 ? 10 : 15), largest_(extent(plot)), cells_(rows_ + 1) {
        largest_.x = std::max(largest_.x, 1.0);
        largest_.y = std::max(largest_.y, 1e-9);
        for (std::string& row : cells_) row.assign(columns_ + 1, ' ');
    }

    std::size_t column_of(double x) const {
        return std::size_t(std::lround(x / largest_.x * double(columns_)));
    }
    void put(std::size_t column, double y, char symbol) {
        const double row = std::round(y / largest_.y * double(rows_));
        if (row >= 0 && row <= double(rows_)) cells_[std::size_t(row)][column] = symbol;
    }

    void draw(const PlotSeries& series) {
        if (series.kind == PlotSeries::Kind::points) {
            for (const PlotPoint& each : series.points)
                put(column_of(each.x), each.y, series.symbol);
            return;
        }
        for (std::size_t column = 0; column <= columns_; column += 2)
            if (const auto y = at(series.points, double(column) / double(columns_) * largest_.x))
                put(column, *y, series.symbol);
    }

    void draw_mark(double x) {
        if (x <= 0 || x > largest_.x) return;
        for (std::string& row : cells_) row[column_of(x)] = '|';
    }

    std::string text(const std::vector<PlotPoint>& ticks) const {
        std::string lines;
        const double step = step_of(largest_.y, rows_ / 3);
        for (std::size_t row = rows_ + 1; row-- > 0;) {
            std::string label;
            for (double y = 0; y <= largest_.y * 1.001; y += step)
                if (std::size_t(std::lround(y / largest_.y * double(rows_))) == row)
                    label = fmt::format("{:g}", std::round(y * 1e6) / 1e6);
            std::string line = fmt::format("{:>{}} |{}", label, margin - 2, cells_[row]);
            lines += line.erase(line.find_last_not_of(' ') + 1) + "\n";
        }
        return lines + std::string(margin - 1, ' ') + "+" + std::string(columns_ + 1, '-') + "\n" +
               below(ticks);
    }

private:
    /// The numbers below the axis, as many as fit.
    std::string below(const std::vector<PlotPoint>& ticks) const {
        std::string line(margin + columns_ + 1, ' ');
        std::size_t free_from = 0;
        for (const PlotPoint& each : ticks) {
            const std::string number = fmt::format("{:g}", each.x);
            const std::size_t begin = std::min(margin + column_of(each.x) - (number.size() - 1) / 2,
                                               line.size() - number.size());
            if (begin < free_from) continue;
            line.replace(begin, number.size(), number);
            free_from = begin + number.size() + 1;
        }
        return line.erase(line.find_last_not_of(' ') + 1) + "\n";
    }

    std::size_t columns_, rows_;
    PlotPoint largest_;
    std::vector<std::string> cells_; // from the bottom up
};

} // namespace

PlotPoint extent(const Plot& plot) {
    PlotPoint largest;
    for (const PlotSeries& series : plot.series)
        for (const PlotPoint& each : series.points) {
            largest.x = std::max(largest.x, each.x);
            largest.y = std::max({largest.y, each.y, each.high});
        }
    return largest;
}

std::string text(const Plot& plot, std::size_t width) {
    Canvas canvas(plot, width);
    canvas.draw_mark(plot.mark);
    std::vector<PlotPoint> ticks;
    std::string legend;
    for (const PlotSeries& series : plot.series) {
        canvas.draw(series);
        if (series.kind == PlotSeries::Kind::points)
            ticks.insert(ticks.end(), series.points.begin(), series.points.end());
        legend += fmt::format("{}{} {}", legend.empty() ? "" : ", ", series.symbol, series.name);
    }
    if (plot.mark > 0 && plot.mark <= extent(plot).x)
        legend += fmt::format(", | {}", plot.mark_title);
    std::string lines = plot.y_title + "\n" + canvas.text(ticks);
    for (const std::string& line :
         text::wrapped(fmt::format("{}: {}", plot.x_title, legend), width - 1))
        lines += line + "\n";
    return lines;
}

} // namespace mpworkshop::report
