#pragma once

/// What workers did, and when, as it goes from a team to rank 0.

#include <cstdint>
#include <mp/mp.hpp>
#include <string>

#include "mp_mpi/message.hpp"

namespace mp_mpi {

/// `first_worker`: the index in the whole pool of what is worker 0 here.
WorkerFacts facts_of(const mp::WorkerStats& stats, unsigned first_worker);
mp::WorkerStats stats_of(const WorkerFacts& facts, int rank, const std::string& host);

/// `origin_ns`: by the clock of who sends, what the span's seconds count from.
SpanFacts facts_of(const mp::Span& span, unsigned first_worker, std::int64_t origin_ns);
/// `origin_ns`: by the same clock, what the span's seconds shall count from.
mp::Span span_of(const SpanFacts& facts, int rank, const std::string& host, std::int64_t origin_ns);

} // namespace mp_mpi
