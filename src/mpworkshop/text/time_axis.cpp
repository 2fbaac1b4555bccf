#include "mpworkshop/text/time_axis.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace mpworkshop {

std::size_t TimeScale::column(double at_s) const {
    return static_cast<std::size_t>(std::clamp(position(at_s), 0.0, double(columns - 1)));
}

std::string without_trailing_blanks(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

std::string time_axis(const TimeScale& scale, std::size_t margin, const AxisMarks& marks) {
    static constexpr std::array<const char*, 4> units = {"s", "ms", "us", "ns"};
    std::size_t unit = 0;
    double factor = 1;
    while (unit + 1 < units.size() && scale.seconds * factor < 1) factor *= 1000, ++unit;

    // At least 12 columns apart, so that every label has room; 1, 2 or 5 times a power of ten.
    const double least = 12 * scale.column_s() * factor;
    const double power = std::pow(10, std::floor(std::log10(least)));
    const double step = power * (least <= 1.001 * power   ? 1
                                 : least <= 2.001 * power ? 2
                                 : least <= 5.001 * power ? 5
                                                          : 10);
    std::string line(margin, ' '), labels(margin, ' ');
    std::size_t next = 0;
    for (std::size_t i = 0; i < scale.columns; ++i) {
        const double value = double(next) * step;
        const auto at = static_cast<std::size_t>(value / factor / scale.column_s() + 1e-9);
        line += i == at ? marks.tick : marks.line;
        if (i != at) continue;
        const std::string label = next == 0 ? "0" : fmt::format("{:.6g} {}", value, units[unit]);
        if (i + label.size() <= scale.columns) {
            labels.resize(margin + i, ' ');
            labels += label;
        }
        ++next;
    }
    return without_trailing_blanks(line) + "\n" + without_trailing_blanks(labels) + "\n";
}

} // namespace mpworkshop
