#include "mp/trace.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ranges>

namespace mp {

namespace {

std::string name_of(const Span& span) {
    const auto number = [](std::size_t n) { return std::to_string(n); };
    if (span.kind == Span::Kind::start) return "start";
    if (span.kind == Span::Kind::init) return "initializer";
    if (span.chunks > 1) return number(span.chunks) + " chunks, " + number(span.items) + " items";
    if (span.items == 1) return "item " + number(span.first);
    return "items " + number(span.first) + " to " + number(span.first + span.items - 1);
}

std::string lane_of(const Span& span) {
    std::string lane = "worker " + std::to_string(span.worker);
    if (span.rank >= 0) lane += ", rank " + std::to_string(span.rank) + " on " + span.host;
    return lane;
}

const char* category_of(TraceBar::Kind kind) {
    switch (kind) {
    case TraceBar::Kind::work:
        return "work";
    case TraceBar::Kind::start:
        return "start";
    case TraceBar::Kind::ready:
        return "ready";
    case TraceBar::Kind::wait:
        break;
    }
    return "wait";
}

/// In quotes.
std::string json(std::string_view text) {
    std::string quoted = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\') quoted += '\\';
        if (static_cast<unsigned char>(c) < ' ') {
            char code[8];
            std::snprintf(code, sizeof code, "\\u%04x", static_cast<unsigned>(c));
            quoted += code;
        } else {
            quoted += c;
        }
    }
    return quoted + '"';
}

std::string json(double number) {
    char digits[32];
    return {digits, std::to_chars(digits, digits + sizeof digits, number).ptr};
}

/// Names lane `tid`; 0: the whole trace. The trace has one process, so that the lanes are shown
/// together; each lane's name contains its pid.
std::string name_event(const char* what, std::size_t tid, std::string_view name) {
    return std::string("{\"name\":\"") + what +
           "\",\"ph\":\"M\",\"pid\":1,\"tid\":" + std::to_string(tid) +
           ",\"args\":{\"name\":" + json(name) + "}}";
}

/// The details that Perfetto shows for a bar.
std::string arguments_of(const TraceBar& bar) {
    if (!bar.cpu_seconds) return "";
    std::string arguments = ",\"args\":{\"cpu_ms\":" + json(*bar.cpu_seconds * 1e3);
    if (bar.ready_seconds) arguments += ",\"ready_ms\":" + json(*bar.ready_seconds * 1e3);
    return arguments + "}";
}

std::string bar_event(const TraceBar& bar, std::size_t tid) {
    return "{\"name\":" + json(bar.name) + ",\"cat\":\"" + category_of(bar.kind) +
           "\",\"ph\":\"X\",\"ts\":" + json(bar.begin_seconds * 1e6) +
           ",\"dur\":" + json((bar.end_seconds - bar.begin_seconds) * 1e6) +
           ",\"pid\":1,\"tid\":" + std::to_string(tid) + arguments_of(bar) + "}";
}

void add_bars(TraceLane& lane, const Span& span) {
    const bool work = span.kind == Span::Kind::work;
    lane.bars.push_back({.kind = work ? TraceBar::Kind::work : TraceBar::Kind::start,
                         .begin_seconds = span.begin_seconds,
                         .end_seconds = span.end_seconds,
                         .name = name_of(span),
                         .cpu_seconds = span.cpu_seconds,
                         .ready_seconds = span.ready_seconds});
    for (const TimeRange& ready : span.ready)
        lane.bars.push_back({.kind = TraceBar::Kind::ready,
                             .begin_seconds = ready.begin_seconds,
                             .end_seconds = ready.end_seconds,
                             .name = "waiting for a CPU"});
}

void wait_until(TraceLane& lane, double when) {
    double end = when;
    for (const TraceBar& bar : lane.bars | std::views::reverse)
        if (end = bar.end_seconds; bar.kind != TraceBar::Kind::ready)
            break; // bars of waiting lie within others
    if (end < when)
        lane.bars.push_back({.kind = TraceBar::Kind::wait,
                             .begin_seconds = end,
                             .end_seconds = when,
                             .name = "wait"});
}

} // namespace

std::vector<TraceLane> trace_lanes(const std::vector<Span>& spans) {
    double end = 0;
    for (const Span& span : spans) end = std::max(end, span.end_seconds);

    std::vector<TraceLane> lanes;
    for (const Span& span : spans) {
        const std::string name = lane_of(span);
        if (lanes.empty() || lanes.back().name != name) lanes.push_back({.name = name});
        TraceLane& lane = lanes.back();
        lane.pid = span.pid;
        wait_until(lane, span.begin_seconds);
        add_bars(lane, span);
    }
    for (TraceLane& lane : lanes) wait_until(lane, end);
    return lanes;
}

std::string chrome_trace(std::string_view program, const std::vector<TraceLane>& lanes) {
    std::string events = name_event("process_name", 0, program);
    for (std::size_t i = 0; i < lanes.size(); ++i) {
        const TraceLane& lane = lanes[i];
        events += ",\n" + name_event("thread_name", i + 1,
                                     lane.name + " (" + std::to_string(lane.pid) + ")");
        for (const TraceBar& bar : lane.bars) events += ",\n" + bar_event(bar, i + 1);
    }
    return "{\"traceEvents\":[\n" + events + "],\"displayTimeUnit\":\"ms\"}\n";
}

} // namespace mp
