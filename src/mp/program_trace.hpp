#pragma once

#include <chrono>
#include <vector>

#include "mp/stats.hpp"

/// The environment variable MP_TRACE: the file to which this program writes its timeline when it
/// ends. A child process writes none.
namespace mp::detail {

/// Returns whether it is set. If so, the timeline is written when the program exits; if that fails,
/// one line on standard error says why. Thread-safety: any thread.
bool trace_requested();

/// Adds what the workers of a pool did to the timeline; `made` is when the pool was made.
/// Thread-safety: any thread.
void trace_pool(std::chrono::steady_clock::time_point made, const std::vector<Span>& spans);

} // namespace mp::detail
