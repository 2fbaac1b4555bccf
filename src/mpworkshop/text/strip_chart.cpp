#include "mpworkshop/text/strip_chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "mpworkshop/text/time_axis.hpp"

namespace mpworkshop {
namespace {

constexpr double most_rows = 8;
constexpr double a_little = 0.02; // of the lowest row

struct StripMarks {
    const char *filled, *above, *a_little, *edge;
    AxisMarks axis;
};
constexpr StripMarks ascii_strip = {"#", ":", ".", "|", ascii_axis};
constexpr StripMarks drawn_strip = {"█", "░", "▁", "│", drawn_axis};

/// The mean over each column, of points evenly spaced over the whole time.
std::vector<StripPoint> columns_of(const std::vector<StripPoint>& points, std::size_t columns) {
    std::vector<StripPoint> means(columns);
    const double points_per_column = double(points.size()) / double(columns);
    for (std::size_t i = 0; i < columns; ++i) {
        const double begin = double(i) * points_per_column, end = begin + points_per_column;
        for (auto at = std::size_t(begin); at < points.size() && double(at) < end; ++at) {
            const double part = std::min(end, double(at + 1)) - std::max(begin, double(at));
            means[i].filled += points[at].filled * part / points_per_column;
            means[i].above += points[at].above * part / points_per_column;
        }
    }
    return means;
}

const char* mark_of(const StripPoint& point, double row, double height, const StripMarks& marks) {
    const double middle = (row + 0.5) * height;
    if (point.filled >= middle) return marks.filled;
    if (point.filled + point.above >= middle) return marks.above;
    const bool shown = row == 0 && point.filled >= a_little * height;
    return shown ? marks.a_little : " ";
}

} // namespace

std::string strip_chart(const std::vector<StripPoint>& points, double seconds,
                        const StripStyle& style) {
    if (points.empty() || seconds <= 0) return {};
    double highest = 0;
    const std::size_t width = std::max<std::size_t>(style.width, 20);
    for (const StripPoint& each : columns_of(points, width))
        highest = std::max(highest, each.filled + each.above);
    double height = 1;
    while (std::round(highest / height) > most_rows) height *= 2;
    const double rows = std::max(1.0, std::round(highest / height));

    const std::size_t digits = fmt::formatted_size("{:.0f}", rows * height);
    const std::size_t margin = digits + 2;
    const TimeScale scale = {0, seconds, width - margin};
    const StripMarks& marks = style.utf8 ? drawn_strip : ascii_strip;
    const std::vector<StripPoint> columns = columns_of(points, scale.columns);
    std::string lines;
    for (double row = rows - 1; row >= 0; --row) {
        std::string line = fmt::format("{:>{}.0f} {}", (row + 1) * height, digits, marks.edge);
        for (const StripPoint& each : columns) line += mark_of(each, row, height, marks);
        lines += without_trailing_blanks(std::move(line)) + "\n";
    }
    return lines + time_axis(scale, margin, marks.axis);
}

} // namespace mpworkshop
