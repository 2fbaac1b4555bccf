#pragma once

#include <nlohmann/json.hpp>

#include "bench/workload.hpp"

namespace bench {

/// Measures one workload in a separate process, so that it does not affect the next. In each repeat
/// the sides take turns, in changing order.
///
/// Returns what `--json` prints. `engine` and each of `peers` have every figure in `samples`, their
/// `median`, and for a peer `ratio`: the median over the repeats of the engine's figure divided by
/// the peer's. `met` says whether a bar is reached. A side that failed has an `error` instead.
/// Blocks until it is done, or has been ended after ten minutes.
nlohmann::ordered_json run_apart(const Workload& workload, const Settings& settings);

} // namespace bench
