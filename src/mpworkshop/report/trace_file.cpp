#include "mpworkshop/report/trace_file.hpp"

#include <nlohmann/json.hpp>

namespace mpworkshop::report {
namespace {

const char* category_of(BarKind kind) {
    switch (kind) {
    case BarKind::work:
        return "work";
    case BarKind::start:
        return "start";
    case BarKind::wait:
        break;
    }
    return "wait";
}

} // namespace

std::string trace_json(const std::string& program, const std::vector<TraceLane>& lanes) {
    using Json = nlohmann::ordered_json;
    // One process of the trace, so that the lanes stand together; the pid of each is in its name.
    Json events = Json::array();
    const auto name = [&](const char* what, std::size_t lane, const std::string& value) {
        events.push_back(
            {{"name", what}, {"ph", "M"}, {"pid", 1}, {"tid", lane}, {"args", {{"name", value}}}});
    };
    name("process_name", 0, program);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        const TraceLane& lane = lanes[i];
        name("thread_name", i + 1, lane.name + " (" + std::to_string(lane.pid) + ")");
        for (const TraceBar& each : lane.bars)
            events.push_back({{"name", each.name},
                              {"cat", category_of(each.bar.kind)},
                              {"ph", "X"},
                              {"ts", each.bar.begin_s * 1e6},
                              {"dur", (each.bar.end_s - each.bar.begin_s) * 1e6},
                              {"pid", 1},
                              {"tid", i + 1}});
    }
    return Json{{"traceEvents", std::move(events)}, {"displayTimeUnit", "ms"}}.dump() + "\n";
}

} // namespace mpworkshop::report
