#pragma once

/// What workers did and when, as lanes of a timeline and as a file.

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mp/stats.hpp"

namespace mp {

/// A bar on a lane, with its name: "items 0 to 99". Units: seconds since the program's first pool
/// or task began.
struct TraceBar {
    /// `ready`: waiting for a CPU, within the preceding bar of work.
    enum class Kind { work, start, wait, ready };

    Kind kind = Kind::work;
    double begin_seconds = 0;
    double end_seconds = 0;
    std::string name = {};
    std::optional<double> cpu_seconds = {}; ///< as in Span, with ready_seconds
    std::optional<double> ready_seconds = {};
};

/// The timeline of one worker or thread.
struct TraceLane {
    std::string name;
    pid_t pid = 0;
    std::vector<TraceBar> bars = {}; ///< sorted by their begin
};

/// Makes a lane for each worker of a pool from Pool::trace(): its start, its chunks with the times
/// when it waited for a CPU, and its waits for work between them.
std::vector<TraceLane> trace_lanes(const std::vector<Span>& spans);

/// Writes the lanes as a trace for Perfetto (ui.perfetto.dev) and chrome://tracing: one thread per
/// lane, one complete event per bar, times in microseconds.
/// Source: "Trace Event Format", the JSON object form.
std::string chrome_trace(std::string_view program, const std::vector<TraceLane>& lanes);

} // namespace mp
