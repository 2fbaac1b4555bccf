#include "mpworkshop/gantt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include "mpworkshop/text.hpp"

namespace mpworkshop {
namespace {

constexpr std::size_t most_lanes = 32;

// What a column may show: the stretches, in the order of their enum, then the rest.
enum Mark : std::uint8_t { work, start, wait, boundary, brief, nothing, marks };

struct Look {
    std::array<const char*, marks> mark;
    const char *line, *tick;
};

constexpr Look ascii = {{"#", ":", "-", "|", ".", " "}, "-", "+"};
constexpr Look blocks = {{"█", "▒", "─", "▐", "·", " "}, "─", "┴"};
constexpr std::array<const char*, nothing> meanings = {"working", "starting", "waiting",
                                                       "the next piece", "brief work"};

using Row = std::vector<Mark>;

/// From when to when, and how many columns that is.
struct Scale {
    double begin_s = 0, seconds = 0;
    std::size_t columns = 0;

    double column_s() const { return seconds / double(columns); }
    double position(double at_s) const { return (at_s - begin_s) / column_s(); }
    std::size_t column(double at_s) const {
        const double clamped = std::clamp(position(at_s), 0.0, double(columns - 1));
        return static_cast<std::size_t>(clamped);
    }
};

Row row_of(const std::vector<GanttBar>& bars, const Scale& scale) {
    struct Column {
        std::array<double, 3> share{}; // of the column, by kind
        unsigned begins = 0;           // pieces of work that begin here
    };
    std::vector<Column> columns(scale.columns);
    for (const GanttBar& bar : bars) {
        const double begin = scale.position(bar.begin_s), end = scale.position(bar.end_s);
        const std::size_t first = scale.column(bar.begin_s), last = scale.column(bar.end_s);
        for (std::size_t i = first; i <= last; ++i)
            columns[i].share[std::size_t(bar.kind)] +=
                std::max(0.0, std::min(end, double(i + 1)) - std::max(begin, double(i)));
        if (bar.kind == BarKind::work) ++columns[first].begins;
    }

    Row row(scale.columns, nothing);
    for (std::size_t i = 0; i < row.size(); ++i) {
        const auto& share = columns[i].share;
        const auto most = std::ranges::max_element(share);
        const double empty = 1 - (share[0] + share[1] + share[2]);
        if (*most > 0 && *most >= empty - 1e-9) row[i] = Mark(most - share.begin());
        // One of two columns side by side stays plain: a row of boundaries would look like nothing.
        if (i > 0 && row[i] == work && row[i - 1] == work && columns[i].begins == 1)
            row[i] = boundary;
    }
    for (const GanttBar& bar : bars) {
        const std::size_t first = scale.column(bar.begin_s), last = scale.column(bar.end_s);
        const bool shown = std::any_of(row.begin() + long(first), row.begin() + long(last) + 1,
                                       [](Mark mark) { return mark != nothing; });
        if (bar.kind == BarKind::work && !shown) row[first] = brief;
    }
    return row;
}

std::string without_blanks_at_the_end(std::string line) {
    line.erase(line.find_last_not_of(' ') + 1);
    return line + "\n";
}

/// Ticks at round times, and below them what they stand for.
std::string axis(const Scale& scale, std::size_t margin, const Look& look) {
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
        line += i == at ? look.tick : look.line;
        if (i != at) continue;
        const std::string label = next == 0 ? "0" : fmt::format("{:.6g} {}", value, units[unit]);
        if (i + label.size() <= scale.columns) {
            labels.resize(margin + i, ' ');
            labels += label;
        }
        ++next;
    }
    return without_blanks_at_the_end(line) + without_blanks_at_the_end(labels);
}

std::string key(const std::array<bool, marks>& seen, const Look& look, std::size_t width) {
    std::string lines, line;
    std::size_t used = 0; // columns; the marks are longer in bytes
    for (std::size_t i = 0; i < nothing; ++i) {
        if (!seen[i]) continue;
        const std::string entry = fmt::format("{} {}", look.mark[i], meanings[i]);
        const std::size_t columns = 2 + std::string_view(meanings[i]).size();
        if (used > 0 && used + 3 + columns > width) {
            lines += line + "\n";
            line.clear();
            used = 0;
        }
        line += (used > 0 ? "   " : "") + entry;
        used += (used > 0 ? 3 : 0) + columns;
    }
    return lines + line + "\n";
}

} // namespace

std::string gantt(const std::vector<GanttLane>& lanes, const GanttStyle& style) {
    const std::size_t shown = std::min(lanes.size(), most_lanes);
    double begin = HUGE_VAL, end = -HUGE_VAL;
    std::size_t name_width = 0;
    for (const GanttLane& lane : lanes)
        for (const GanttBar& bar : lane.bars)
            begin = std::min(begin, bar.begin_s), end = std::max(end, bar.end_s);
    if (begin > end) return {};
    for (std::size_t i = 0; i < shown; ++i) name_width = std::max(name_width, lanes[i].name.size());

    const std::size_t width = std::max<std::size_t>(style.width, 20);
    name_width = std::min(name_width, width / 3);
    const std::size_t margin = name_width + 2;
    // A nanosecond at least: an axis needs a length.
    const Scale scale = {begin, std::max(end - begin, 1e-9), width - margin};
    const Look& look = style.utf8 ? blocks : ascii;

    std::string lines;
    std::array<bool, marks> seen{};
    for (std::size_t i = 0; i < shown; ++i) {
        std::string line = fmt::format("{:<{}}", lanes[i].name.substr(0, name_width), margin);
        for (const Mark mark : row_of(lanes[i].bars, scale)) {
            line += look.mark[mark];
            seen[mark] = true;
        }
        lines += without_blanks_at_the_end(std::move(line));
    }
    if (lanes.size() > shown) lines += fmt::format("and {} more\n", lanes.size() - shown);
    return lines + axis(scale, margin, look) + key(seen, look, width);
}

} // namespace mpworkshop
