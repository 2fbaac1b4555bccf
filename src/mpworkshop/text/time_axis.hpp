#pragma once

#include <cstddef>
#include <string>

namespace mpworkshop {

/// The time span of a chart, and its number of columns.
struct TimeScale {
    double begin_s = 0, seconds = 0;
    std::size_t columns = 0;

    double column_s() const { return seconds / double(columns); }
    double position(double at_s) const { return (at_s - begin_s) / column_s(); }
    /// The column of a time; the first or the last one for a time outside.
    std::size_t column(double at_s) const;
};

struct AxisMarks {
    const char *line, *tick;
};
inline constexpr AxisMarks ascii_axis = {"-", "+"}, drawn_axis = {"─", "┴"};

std::string without_trailing_blanks(std::string line);

/// Two lines that begin after `margin` columns: ticks at round times, counted from the beginning,
/// and their labels below.
std::string time_axis(const TimeScale& scale, std::size_t margin, const AxisMarks& marks);

} // namespace mpworkshop
