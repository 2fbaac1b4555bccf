#include "mpworkshop/kit/gantt.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <numeric>

#include "mpworkshop/text/time_axis.hpp"

namespace mpworkshop {
namespace {

constexpr std::size_t most_lanes = 32;

// What a column may show: the kinds of bars, in the order of their enum, then the rest.
enum Mark : std::uint8_t { work, start, wait, ready, boundary, brief, nothing, marks };

struct Look {
    std::array<const char*, marks> mark;
    AxisMarks axis;
};

constexpr Look ascii = {{"#", ":", "-", "o", "|", ".", " "}, ascii_axis};
constexpr Look blocks = {{"█", "▒", "─", "▂", "▐", "·", " "}, drawn_axis};
constexpr std::array<const char*, nothing> meanings = {
    "working", "starting", "waiting", "waiting for a CPU", "the next piece", "brief work"};

using Row = std::vector<Mark>;

Row row_of(const std::vector<GanttBar>& bars, const TimeScale& scale) {
    struct Column {
        std::array<double, boundary> share{}; // share of the column, by kind
        unsigned begins = 0;                  // pieces of work that begin here
    };
    std::vector<Column> columns(scale.columns);
    for (const GanttBar& bar : bars) {
        const double begin = scale.position(bar.begin_s), end = scale.position(bar.end_s);
        const std::size_t first = scale.column(bar.begin_s), last = scale.column(bar.end_s);
        for (std::size_t i = first; i <= last; ++i) {
            const double share =
                std::max(0.0, std::min(end, double(i + 1)) - std::max(begin, double(i)));
            columns[i].share[std::size_t(bar.kind)] += share;
            if (bar.kind == BarKind::ready)
                columns[i].share[work] -= share; // these bars lie within others
        }
        if (bar.kind == BarKind::work) ++columns[first].begins;
    }

    Row row(scale.columns, nothing);
    for (std::size_t i = 0; i < row.size(); ++i) {
        const auto& share = columns[i].share;
        const auto most = std::ranges::max_element(share);
        const double empty = 1 - std::reduce(share.begin(), share.end());
        if (*most > 0 && *most >= empty - 1e-9) row[i] = Mark(most - share.begin());
        // Of two adjacent columns one stays plain: a row of only boundaries would look like
        // nothing.
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

std::string key(const std::array<bool, marks>& seen, const Look& look, std::size_t width) {
    std::string lines, line;
    std::size_t used = 0; // columns; the characters are longer in bytes
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
    // At least a nanosecond: an axis needs a length.
    const TimeScale scale = {begin, std::max(end - begin, 1e-9), width - margin};
    const Look& look = style.utf8 ? blocks : ascii;

    std::string lines;
    std::array<bool, marks> seen{};
    for (std::size_t i = 0; i < shown; ++i) {
        std::string line = fmt::format("{:<{}}", lanes[i].name.substr(0, name_width), margin);
        for (const Mark mark : row_of(lanes[i].bars, scale)) {
            line += look.mark[mark];
            seen[mark] = true;
        }
        lines += without_trailing_blanks(std::move(line)) + "\n";
    }
    if (lanes.size() > shown) lines += fmt::format("and {} more\n", lanes.size() - shown);
    return lines + time_axis(scale, margin, look.axis) + key(seen, look, width);
}

} // namespace mpworkshop
