#pragma once

#include <cstddef>
#include <cstdint>
#include <mp/mp.hpp>
#include <vector>

#include "mp_mpi/clock.hpp"
#include "mp_mpi/coordinator.hpp"

namespace mp_mpi {

/// What is known at rank 0 of a pool's workers: who they are, what they did, and when. Worker
/// processes tell of themselves; of a rank that is itself the worker, its answers tell.
///
/// REQUIRES for all: Coordinator::mutex() is held.
class RemoteStats {
public:
    RemoteStats(const Coordinator& coordinator, bool trace)
        : coordinator_(coordinator), trace_(trace) {}

    /// The next endpoint is asked to open the pool for so many workers.
    void asked(unsigned workers, unsigned first_worker);
    /// It has.
    void opened(std::size_t endpoint, const Header& answer);
    /// It ran items first .. first + count - 1 of a job.
    void ran(std::size_t endpoint, const Header& answer, mp::detail::JobId job, std::size_t first,
             std::size_t count);
    /// `count` WireWorkerStats.
    void read_stats(std::size_t endpoint, Reader& from, std::size_t count);
    /// How many WireSpan, and they, which are all.
    void read_spans(std::size_t endpoint, Reader& from);
    void closed(std::size_t endpoint);

    std::vector<mp::WorkerStats> stats() const;
    std::vector<mp::Span> trace() const;

private:
    struct EndpointStats { // of an endpoint
        unsigned first_worker = 0;
        std::int64_t ahead_ns = 0; // its clock, of this one
        std::int64_t asked_ns = 0, ready_ns = 0, closed_ns = 0;
        std::vector<mp::WorkerStats> workers;
        std::vector<mp::Span> spans;
    };

    bool tell_themselves() const { return coordinator_.has_local(); }
    /// The pool's making by an endpoint's clock.
    std::int64_t origin_ns(const EndpointStats& endpoint_stats) const {
        return made_ns_ + endpoint_stats.ahead_ns;
    }
    void add_span(std::size_t endpoint, WireSpan wire);

    const Coordinator& coordinator_;
    bool trace_;
    std::int64_t made_ns_ = now_ns();
    std::vector<EndpointStats> endpoint_stats_;
};

} // namespace mp_mpi
