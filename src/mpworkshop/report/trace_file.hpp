#pragma once

#include <string>
#include <vector>

#include "mpworkshop/trace.hpp"

namespace mpworkshop::report {

/// The lanes as a trace that Perfetto (ui.perfetto.dev) and chrome://tracing open: one thread a
/// lane, one complete event a bar, times in microseconds.
/// Source: "Trace Event Format", the JSON object form.
std::string trace_json(const std::string& program, const std::vector<TraceLane>& lanes);

} // namespace mpworkshop::report
