#include "mp_mpi/remote_stats.hpp"

#include <algorithm>

namespace mp_mpi {

void RemoteStats::asked(unsigned workers, unsigned first_worker) {
    EndpointStats& endpoint_stats = endpoint_stats_.emplace_back();
    endpoint_stats.first_worker = first_worker;
    endpoint_stats.asked_ns = now_ns();
    for (unsigned i = 0; trace_ && i < workers; ++i)
        endpoint_stats.ran.push_back(std::make_unique<mp::detail::TraceBuffer>());
}

void RemoteStats::opened(std::size_t endpoint, const Header& answer, Reader& from) {
    EndpointStats& endpoint_stats = endpoint_stats_[endpoint];
    if (!endpoints_[endpoint]
             .same_host) // assumes that its answer was sent halfway between request and receipt
        endpoint_stats.ahead_ns =
            answer.end_ns -
            (endpoint_stats.asked_ns + now_ns() + answer.end_ns - answer.begin_ns) / 2;
    endpoint_stats.begun_ns = answer.begin_ns - endpoint_stats.ahead_ns;
    read_stats(endpoint_stats, from);
    endpoint_stats.started = get_all<WireSpan>(from);
    for (WireSpan& each :
         endpoint_stats.started) // a worker counts as requested by rank 0, not by its endpoint
        if (each.kind == mp::Span::Kind::start)
            each.entry.begin_ns = endpoint_stats.asked_ns + endpoint_stats.ahead_ns;
}

void RemoteStats::ran(std::size_t endpoint, Reader& from) {
    EndpointStats& endpoint_stats = endpoint_stats_[endpoint];
    read_stats(endpoint_stats, from);
    for (const WireSpan& each : get_all<WireSpan>(from))
        endpoint_stats.ran.at(each.worker - endpoint_stats.first_worker)->add(each.entry);
}

void RemoteStats::closed(std::size_t endpoint, Reader& from) {
    read_stats(endpoint_stats_[endpoint], from);
    endpoint_stats_[endpoint].closed_ns = now_ns();
}

// Known for all workers, or for none.
void RemoteStats::read_stats(EndpointStats& endpoint_stats, Reader& from) {
    if (auto workers = get_all<WireWorkerStats>(from); !workers.empty())
        endpoint_stats.workers = std::move(workers);
}

std::vector<mp::WorkerStats> RemoteStats::stats() const {
    std::vector<mp::WorkerStats> all;
    for (std::size_t i = 0; i < endpoint_stats_.size(); ++i) {
        const EndpointStats& from = endpoint_stats_[i];
        const std::int64_t end_ns = from.closed_ns != 0 ? from.closed_ns : now_ns();
        for (const WireWorkerStats& wire : from.workers) {
            mp::WorkerStats& each = all.emplace_back(from_wire(wire, endpoints_[i]));
            each.start_seconds += seconds(from.begun_ns - from.asked_ns);
            each.wait_seconds = std::max(0.0, seconds(end_ns - from.asked_ns) - each.start_seconds -
                                                  each.init_seconds - each.busy_seconds);
        }
    }
    return all;
}

std::vector<mp::Span> RemoteStats::trace() const {
    std::vector<mp::Span> all;
    for (std::size_t i = 0; i < endpoint_stats_.size(); ++i) {
        const EndpointStats& from = endpoint_stats_[i];
        const auto add = [&](const WireSpan& span) {
            all.push_back(from_wire(span, endpoints_[i], made_ns_ + from.ahead_ns));
        };
        std::ranges::for_each(from.started, add);
        for (unsigned worker = 0; worker < from.ran.size(); ++worker)
            for (const auto& entry : from.ran[worker]->read())
                add({mp::Span::Kind::work, from.first_worker + worker, entry});
    }
    std::ranges::stable_sort(all, {}, &mp::Span::worker);
    return all;
}

} // namespace mp_mpi
