#include "mpworkshop/record/timeline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace mpworkshop::record {
namespace {

constexpr std::size_t parts_of_a_lane = 80, most_lanes = 12, longest_lane_name = 30;
constexpr std::array<char, 4> marks = {'w', 's', 'i', 'r'}; // in the order of BarKind
constexpr std::string_view known_marks = "wsir ";

struct Extent {
    double begin = std::numeric_limits<double>::infinity();
    double end = -std::numeric_limits<double>::infinity();
};

Extent extent_of(const std::vector<GanttLane>& lanes) {
    Extent whole;
    for (const GanttLane& lane : lanes)
        for (const GanttBar& bar : lane.bars) {
            whole.begin = std::min(whole.begin, bar.begin_s);
            whole.end = std::max(whole.end, bar.end_s);
        }
    return whole;
}

/// What fills most of each part.
std::string parts_of(const std::vector<GanttBar>& bars, const Extent& whole) {
    const double width = (whole.end - whole.begin) / double(parts_of_a_lane);
    std::array<std::array<double, marks.size()>, parts_of_a_lane> filled{};
    for (const GanttBar& bar : bars) {
        const double begin = (bar.begin_s - whole.begin) / width;
        const double end = (bar.end_s - whole.begin) / width;
        const auto first = std::size_t(std::clamp(begin, 0.0, double(parts_of_a_lane - 1)));
        const auto last = std::size_t(std::clamp(end, 0.0, double(parts_of_a_lane - 1)));
        for (std::size_t i = first; i <= last; ++i) {
            const double part =
                std::max(0.0, std::min(end, double(i + 1)) - std::max(begin, double(i)));
            filled[i][std::size_t(bar.kind)] += part;
            if (bar.kind == BarKind::ready) filled[i][0] -= part; // it lies within work
        }
    }
    std::string line(parts_of_a_lane, ' ');
    for (std::size_t i = 0; i < parts_of_a_lane; ++i) {
        const auto most = std::ranges::max_element(filled[i]);
        double empty = 1;
        for (const double each : filled[i]) empty -= each;
        if (*most > 0 && *most >= empty - 1e-9)
            line[i] = marks[std::size_t(most - filled[i].begin())];
    }
    return line;
}

} // namespace

Timeline timeline_of(const std::vector<GanttLane>& lanes) {
    const Extent whole = extent_of(lanes);
    Timeline timeline;
    if (!(whole.end > whole.begin) || !std::isfinite(whole.end - whole.begin)) return timeline;
    timeline.seconds = whole.end - whole.begin;
    for (const GanttLane& lane : lanes) {
        if (timeline.lanes.size() == most_lanes) {
            ++timeline.left_out;
            continue;
        }
        timeline.lanes.push_back(
            {lane.name.substr(0, longest_lane_name), parts_of(lane.bars, whole)});
    }
    return timeline;
}

Value as_value(const Timeline& timeline) {
    Value::List lanes;
    for (const TimelineLane& lane : timeline.lanes)
        lanes.push_back(Value::object({{"name", lane.name}, {"parts", lane.parts}}));
    return Value::object({{"seconds", timeline.seconds},
                          {"lanes", std::move(lanes)},
                          {"left_out", timeline.left_out}});
}

Timeline timeline_from(const Value& value) {
    Timeline timeline;
    const Value *seconds = value.find("seconds"), *lanes = value.find("lanes"),
                *left_out = value.find("left_out");
    if (seconds == nullptr || lanes == nullptr) return timeline;
    timeline.seconds = seconds->number().value_or(0);
    if (!(timeline.seconds > 0)) return {};
    for (const Value& lane : lanes->list()) {
        const Value *name = lane.find("name"), *line = lane.find("parts");
        if (name == nullptr || line == nullptr || timeline.lanes.size() == most_lanes) continue;
        const std::string_view text = line->text();
        if (text.empty() || text.size() > parts_of_a_lane ||
            text.find_first_not_of(known_marks) != text.npos)
            continue;
        timeline.lanes.push_back(
            {std::string(name->text().substr(0, longest_lane_name)), std::string(text)});
    }
    if (left_out != nullptr)
        timeline.left_out = std::size_t(std::clamp(left_out->number().value_or(0), 0.0, 1e6));
    return timeline;
}

} // namespace mpworkshop::record
