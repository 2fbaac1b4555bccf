#pragma once

/// What workers did, and when, as it goes from a node agent to rank 0.

#include <cstdint>
#include <mp/mp.hpp>
#include <string>

#include "mp_mpi/message.hpp"

namespace mp_mpi {

/// `first_worker`: the index in the whole pool of what is worker 0 here.
WireWorkerStats to_wire(const mp::WorkerStats& stats, unsigned first_worker);
mp::WorkerStats from_wire(const WireWorkerStats& wire, int rank, const std::string& host);

/// `origin_ns`: by the clock of who sends, what the span's seconds count from.
WireSpan to_wire(const mp::Span& span, unsigned first_worker, std::int64_t origin_ns);
/// `origin_ns`: by the same clock, what the span's seconds shall count from.
mp::Span from_wire(const WireSpan& wire, int rank, const std::string& host, std::int64_t origin_ns);

} // namespace mp_mpi
