#include "mp_mpi/wire_stats.hpp"

#include "mp_mpi/clock.hpp"

namespace mp_mpi {

WireWorkerStats to_wire(const mp::WorkerStats& stats, unsigned first_worker) {
    WireWorkerStats wire{.worker = first_worker + stats.index,
                         .pid = stats.pid,
                         .items = stats.items,
                         .restarts = stats.restarts,
                         .busy_s = stats.busy_seconds,
                         .start_s = stats.start_seconds,
                         .init_s = stats.init_seconds,
                         .wait_s = stats.wait_seconds,
                         .longest = {}};
    for (std::size_t i = 0; i < stats.longest.size(); ++i)
        wire.longest[i] = {stats.longest[i].seconds, stats.longest[i].first,
                           stats.longest[i].items};
    return wire;
}

mp::WorkerStats from_wire(const WireWorkerStats& wire, int rank, const std::string& host) {
    mp::WorkerStats stats{.index = wire.worker,
                          .rank = rank,
                          .host = host,
                          .pid = wire.pid,
                          .items = wire.items,
                          .restarts = wire.restarts,
                          .busy_seconds = wire.busy_s,
                          .start_seconds = wire.start_s,
                          .init_seconds = wire.init_s,
                          .wait_seconds = wire.wait_s};
    for (std::size_t i = 0; i < stats.longest.size(); ++i)
        stats.longest[i] = {wire.longest[i].seconds, wire.longest[i].first, wire.longest[i].items};
    return stats;
}

WireSpan to_wire(const mp::Span& span, unsigned first_worker, std::int64_t origin_ns) {
    const auto ns = [origin_ns](double seconds) {
        return origin_ns + static_cast<std::int64_t>(seconds * 1e9);
    };
    return {.kind = static_cast<std::uint32_t>(span.kind),
            .worker = first_worker + span.worker,
            .job = span.job,
            .pid = span.pid,
            .begin_ns = ns(span.begin_seconds),
            .end_ns = ns(span.end_seconds),
            .first = span.first,
            .items = span.items,
            .chunks = span.chunks};
}

mp::Span from_wire(const WireSpan& wire, int rank, const std::string& host,
                   std::int64_t origin_ns) {
    return {.kind = static_cast<mp::Span::Kind>(wire.kind),
            .worker = wire.worker,
            .rank = rank,
            .host = host,
            .pid = wire.pid,
            .begin_seconds = seconds(wire.begin_ns - origin_ns),
            .end_seconds = seconds(wire.end_ns - origin_ns),
            .job = wire.job,
            .first = wire.first,
            .items = wire.items,
            .chunks = wire.chunks};
}

} // namespace mp_mpi
