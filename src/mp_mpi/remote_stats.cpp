#include "mp_mpi/remote_stats.hpp"

#include <algorithm>
#include <utility>

#include "mp_mpi/wire_stats.hpp"

namespace mp_mpi {

namespace {

constexpr std::size_t spans_kept = 1U << 13; // of one endpoint; then neighbours are joined
constexpr std::size_t before_work = 2;       // start and init

void merge_neighbours(std::vector<mp::Span>& spans) {
    std::size_t kept = before_work;
    for (std::size_t i = before_work; i + 1 < spans.size(); i += 2) {
        mp::Span joined = std::move(spans[i]);
        joined.end_seconds = spans[i + 1].end_seconds;
        joined.items += spans[i + 1].items;
        joined.chunks += spans[i + 1].chunks;
        spans[kept++] = std::move(joined);
    }
    spans.resize(kept);
}

} // namespace

void RemoteStats::asked(unsigned workers, unsigned first_worker) {
    EndpointStats& endpoint_stats = endpoint_stats_.emplace_back();
    endpoint_stats.first_worker = first_worker;
    endpoint_stats.asked_ns = now_ns();
    endpoint_stats.workers.resize(workers);
}

void RemoteStats::opened(std::size_t endpoint, const Header& answer) {
    EndpointStats& endpoint_stats = endpoint_stats_[endpoint];
    const Endpoint& at = coordinator_.endpoints()[endpoint];
    endpoint_stats.ready_ns = now_ns();
    if (!at.same_host) // its answer came from the middle of the time between
        endpoint_stats.ahead_ns =
            answer.end_ns -
            (endpoint_stats.asked_ns + endpoint_stats.ready_ns + answer.end_ns - answer.begin_ns) /
                2;
    const auto pid = static_cast<pid_t>(answer.ticket);
    const double init_s = seconds(answer.end_ns - answer.begin_ns);
    for (unsigned i = 0; i < endpoint_stats.workers.size(); ++i)
        endpoint_stats.workers[i] = {
            .index = endpoint_stats.first_worker + i,
            .rank = at.rank,
            .host = at.host,
            .pid = pid,
            .start_seconds = seconds(endpoint_stats.ready_ns - endpoint_stats.asked_ns) - init_s,
            .init_seconds = init_s};
    if (!trace_ || tell_themselves()) return;
    const auto add = [&](mp::Span::Kind kind, std::int64_t begin_ns, std::int64_t end_ns) {
        add_span(endpoint, {.kind = static_cast<std::uint32_t>(kind),
                            .worker = endpoint_stats.first_worker,
                            .job = 0,
                            .pid = pid,
                            .begin_ns = begin_ns,
                            .end_ns = end_ns,
                            .first = 0,
                            .items = 0,
                            .chunks = 0});
    };
    add(mp::Span::Kind::start, endpoint_stats.asked_ns + endpoint_stats.ahead_ns, answer.begin_ns);
    add(mp::Span::Kind::init, answer.begin_ns, answer.end_ns);
}

void RemoteStats::ran(std::size_t endpoint, const Header& answer, mp::detail::JobId job,
                      std::size_t first, std::size_t count) {
    if (tell_themselves()) return;
    EndpointStats& endpoint_stats = endpoint_stats_[endpoint];
    mp::WorkerStats& stats = endpoint_stats.workers[0];
    const double took = seconds(answer.end_ns - answer.begin_ns);
    stats.items += count;
    stats.busy_seconds += took;
    mp::ChunkTime chunk{took, trace_ ? first : 0, trace_ ? count : 0};
    for (mp::ChunkTime& each : stats.longest)
        if (chunk.seconds > each.seconds) std::swap(chunk, each);
    if (!trace_) return;
    add_span(endpoint, {.kind = static_cast<std::uint32_t>(mp::Span::Kind::work),
                        .worker = endpoint_stats.first_worker,
                        .job = job,
                        .pid = stats.pid,
                        .begin_ns = answer.begin_ns,
                        .end_ns = answer.end_ns,
                        .first = first,
                        .items = count,
                        .chunks = 1});
    if (endpoint_stats.spans.size() >= spans_kept) merge_neighbours(endpoint_stats.spans);
}

void RemoteStats::read_stats(std::size_t endpoint, Reader& from, std::size_t count) {
    EndpointStats& endpoint_stats = endpoint_stats_[endpoint];
    const Endpoint& at = coordinator_.endpoints()[endpoint];
    for (std::size_t i = 0; i < count; ++i) {
        const auto wire = from.get<WireWorkerStats>();
        endpoint_stats.workers.at(wire.worker - endpoint_stats.first_worker) =
            from_wire(wire, at.rank, at.host);
    }
}

void RemoteStats::read_spans(std::size_t endpoint, Reader& from) {
    endpoint_stats_[endpoint].spans.clear();
    const auto count = from.get<std::uint64_t>();
    for (std::uint64_t i = 0; i < count; ++i) add_span(endpoint, from.get<WireSpan>());
}

void RemoteStats::add_span(std::size_t endpoint, WireSpan wire) {
    EndpointStats& endpoint_stats = endpoint_stats_[endpoint];
    const Endpoint& at = coordinator_.endpoints()[endpoint];
    endpoint_stats.spans.push_back(from_wire(wire, at.rank, at.host, origin_ns(endpoint_stats)));
}

void RemoteStats::closed(std::size_t endpoint) { endpoint_stats_[endpoint].closed_ns = now_ns(); }

std::vector<mp::WorkerStats> RemoteStats::stats() const {
    std::vector<mp::WorkerStats> all;
    for (const EndpointStats& endpoint_stats : endpoint_stats_) {
        if (endpoint_stats.ready_ns == 0) continue;
        const std::int64_t end_ns =
            endpoint_stats.closed_ns != 0 ? endpoint_stats.closed_ns : now_ns();
        for (mp::WorkerStats each : endpoint_stats.workers) {
            if (!tell_themselves())
                each.wait_seconds =
                    std::max(0.0, seconds(end_ns - endpoint_stats.ready_ns) - each.busy_seconds);
            all.push_back(std::move(each));
        }
    }
    return all;
}

std::vector<mp::Span> RemoteStats::trace() const {
    std::vector<mp::Span> all;
    if (!trace_) return all;
    for (const EndpointStats& endpoint_stats : endpoint_stats_)
        all.insert(all.end(), endpoint_stats.spans.begin(), endpoint_stats.spans.end());
    std::ranges::stable_sort(all, {}, &mp::Span::worker);
    return all;
}

} // namespace mp_mpi
