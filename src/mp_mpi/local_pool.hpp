#pragma once

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

/// A rank's workers of a pool, and the chunks that they have: worker processes or, with the backend
/// `serial`, the rank itself. A chunk runs as several tasks, each of one grain, and is answered
/// when all are done.
///
/// Errors of all: those of mp::detail::Backend, after which the pool is of no use.
class LocalPool {
public:
    using Send = std::function<void(Message&&)>;

    /// `processes`: 0: the rank itself works. Errors: those of mp::detail::make_backend.
    LocalPool(std::uint32_t id, RemotePool opened, unsigned processes, const Send& send);
    ~LocalPool();

    /// Adds to the answer to `open`.
    void put_opened(Message& to);
    /// Begins a chunk; if it cannot, the answer says so.
    void run(Message&& asked);
    void forget(mp::detail::JobId job) { opened_.jobs.erase(job); }
    /// What a `cancel` message names.
    void cancel(const Header& what);
    /// Sends the answers that are ready; returns whether there were any.
    bool answer();
    /// Ends the workers, even busy ones, and sends their statistics.
    void close();

    bool has_work() const { return !active_chunks_.empty(); }
    /// Blocks until there may be something to answer, until `other()` is true, or until the
    /// deadline.
    void wait(const std::function<bool()>& other, Clock::time_point deadline);

private:
    struct ActiveChunk;

    GrainTask* take_task();
    void load(ActiveChunk& active_chunk);
    void launch(ActiveChunk& active_chunk);
    void refuse(ActiveChunk& active_chunk);
    std::list<ActiveChunk>::iterator retire(std::list<ActiveChunk>::iterator active_chunk);
    void call_off(ActiveChunk& active_chunk);
    void answer(ActiveChunk& active_chunk);
    void release(const ActiveChunk& active_chunk);
    void put_stats(Message& to) const;
    bool traced() const { return opened_.opening.trace != 0; }

    std::uint32_t id_;
    const Send& send_;
    RemotePool opened_;
    bool own_process_; // this process is the worker
    std::int64_t made_ns_ = now_ns();
    std::vector<std::shared_ptr<void>> slabs_;
    std::vector<GrainTask*> free_;
    std::list<ActiveChunk> active_chunks_, spare_chunks_;
    std::unique_ptr<mp::detail::Backend>
        backend_; // destroyed first: its workers use all the others
};

} // namespace mp_mpi
