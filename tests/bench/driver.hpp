#pragma once

#include <nlohmann/json.hpp>

#include "bench/workload.hpp"

namespace bench {

/// Measures one workload in a process of its own, so that nothing of one is left for the next: in
/// each repeat the sides take turns, and who is first changes.
///
/// What comes back is what `--json` prints. `engine` and each of `peers` have every figure in
/// `samples`, their `median`, and for a peer `ratio`: the median over the repeats of the engine's
/// figure divided by the peer's. `met` says whether a bar is reached. A side that failed has an
/// `error` instead. Blocks: until it is done, or has taken ten minutes and is ended.
nlohmann::ordered_json run_apart(const Workload& workload, const Settings& settings);

} // namespace bench
