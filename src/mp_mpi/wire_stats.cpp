#include "mp_mpi/wire_stats.hpp"

#include "mp_mpi/clock.hpp"

namespace mp_mpi {

WorkerFacts facts_of(const mp::WorkerStats& stats, unsigned first_worker) {
    WorkerFacts facts{.worker = first_worker + stats.index,
                      .pid = stats.pid,
                      .items = stats.items,
                      .restarts = stats.restarts,
                      .busy_s = stats.busy_seconds,
                      .start_s = stats.start_seconds,
                      .init_s = stats.init_seconds,
                      .wait_s = stats.wait_seconds,
                      .longest = {}};
    for (std::size_t i = 0; i < stats.longest.size(); ++i)
        facts.longest[i] = {stats.longest[i].seconds, stats.longest[i].first,
                            stats.longest[i].items};
    return facts;
}

mp::WorkerStats stats_of(const WorkerFacts& facts, int rank, const std::string& host) {
    mp::WorkerStats stats{.index = facts.worker,
                          .rank = rank,
                          .host = host,
                          .pid = facts.pid,
                          .items = facts.items,
                          .restarts = facts.restarts,
                          .busy_seconds = facts.busy_s,
                          .start_seconds = facts.start_s,
                          .init_seconds = facts.init_s,
                          .wait_seconds = facts.wait_s};
    for (std::size_t i = 0; i < stats.longest.size(); ++i)
        stats.longest[i] = {facts.longest[i].seconds, facts.longest[i].first,
                            facts.longest[i].items};
    return stats;
}

SpanFacts facts_of(const mp::Span& span, unsigned first_worker, std::int64_t origin_ns) {
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

mp::Span span_of(const SpanFacts& facts, int rank, const std::string& host,
                 std::int64_t origin_ns) {
    return {.kind = static_cast<mp::Span::Kind>(facts.kind),
            .worker = facts.worker,
            .rank = rank,
            .host = host,
            .pid = facts.pid,
            .begin_seconds = seconds(facts.begin_ns - origin_ns),
            .end_seconds = seconds(facts.end_ns - origin_ns),
            .job = facts.job,
            .first = facts.first,
            .items = facts.items,
            .chunks = facts.chunks};
}

} // namespace mp_mpi
