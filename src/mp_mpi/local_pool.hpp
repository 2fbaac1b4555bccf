#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <mp/mp.hpp>
#include <vector>

#include "mp_mpi/clock.hpp"
#include "mp_mpi/message.hpp"
#include "mp_mpi/remote_job.hpp"

namespace mp_mpi {

struct GrainTask;

/// A rank's share of a pool: worker processes, and the chunks that they have. A chunk is run in
/// pieces, each a task of theirs, in memory that they see, and is answered when all are done.
///
/// Errors of all: those of mp::detail::Backend, after which the pool is of no use.
class LocalPool {
public:
    using Send = std::function<void(Message&&)>;

    /// Errors: those of mp::detail::make_backend.
    LocalPool(std::uint32_t id, RemotePool opened, unsigned processes, const Send& send);
    ~LocalPool();

    /// Begins a chunk; if it cannot, the answer says so.
    void run(Message& asked);
    void forget(mp::detail::JobId job) { opened_.jobs.erase(job); }
    /// What a `cancel` names.
    void cancel(const Header& what);
    /// Sends what is done; whether there was anything.
    bool answer();
    /// Sends what the workers' record holds.
    void tell();
    /// Ends the workers, those that are busy too, and sends what they did.
    void close();

    bool has_work() const { return !active_chunks_.empty(); }
    /// Blocks until there may be something to answer, until `other` holds, or until the deadline.
    void wait(const std::function<bool()>& other, std::chrono::steady_clock::time_point deadline);

private:
    struct ActiveChunk;

    GrainTask* take_task();
    void load(ActiveChunk& active_chunk, const RemoteJob& remote_job, Reader& from);
    void launch(ActiveChunk& active_chunk);
    void refuse(ActiveChunk& active_chunk);
    void call_off(ActiveChunk& active_chunk);
    void answer(ActiveChunk& active_chunk);
    void put_stats(Message& to) const;
    void put_spans(Message& to);

    std::uint32_t id_;
    const Send& send_;
    RemotePool opened_;
    std::int64_t made_ns_ = now_ns();
    std::vector<std::shared_ptr<void>> slabs_;
    std::vector<GrainTask*> free_;
    std::list<ActiveChunk> active_chunks_;
    std::unique_ptr<mp::detail::Backend> backend_; // the first to go: its workers use all of that
};

} // namespace mp_mpi
