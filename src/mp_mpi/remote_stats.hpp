#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mp/mp.hpp>
#include <vector>

#include "mp_mpi/clock.hpp"
#include "mp_mpi/endpoint.hpp"
#include "mp_mpi/message.hpp"
#include "mp_mpi/wire.hpp"

namespace mp_mpi {

/// What rank 0 knows about a pool's workers: their ranks and hosts, what they did, and when. They
/// count for themselves and report it in their answers. This class adds rank and host and corrects
/// for differences between clocks.
class RemoteStats {
public:
    /// `endpoints`: stays the caller's.
    RemoteStats(const std::vector<Endpoint>& endpoints, bool trace)
        : endpoints_(endpoints), trace_(trace) {}

    /// The next endpoint has been asked to open the pool with this number of workers.
    void asked(unsigned workers, unsigned first_worker);
    /// It has opened the pool.
    void opened(std::size_t endpoint, const Header& answer, Reader& from);
    /// It ran a chunk.
    void ran(std::size_t endpoint, Reader& from);
    void closed(std::size_t endpoint, Reader& from);

    std::vector<mp::WorkerStats> stats() const;
    std::vector<mp::Span> trace() const;

private:
    struct EndpointStats {
        unsigned first_worker = 0;
        std::int64_t ahead_ns = 0; // how far its clock is ahead of this one
        std::int64_t asked_ns = 0, begun_ns = 0, closed_ns = 0;
        std::vector<WireWorkerStats> workers; // empty until it has opened the pool
        std::vector<WireSpan> started;
        std::vector<std::unique_ptr<mp::detail::TraceBuffer>> ran; // by worker; only with a trace
    };

    void read_stats(EndpointStats& endpoint_stats, Reader& from);

    const std::vector<Endpoint>& endpoints_;
    bool trace_;
    std::int64_t made_ns_ = now_ns();
    std::vector<EndpointStats> endpoint_stats_;
};

} // namespace mp_mpi
