#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mp/mp.hpp>
#include <utility>
#include <vector>

#include "mp_mpi/chunk_schedule.hpp"
#include "mp_mpi/coordinator.hpp"
#include "mp_mpi/remote_stats.hpp"
#include "mp_mpi/sent_chunks.hpp"
#include "mp_mpi/wire.hpp"

namespace mp_mpi {

/// A pool's work at rank 0: divides jobs into chunks, sends each worker one more than it works on,
/// and stores the answers. Jobs and the queue of tasks take turns.
///
/// REQUIRES for all: Coordinator::mutex() is held.
class Dispatcher {
public:
    Dispatcher(Coordinator& coordinator, RemoteStats& remote_stats)
        : coordinator_(coordinator), remote_stats_(remote_stats) {}
    /// The workers of the first endpoints, which have opened the pool with this number.
    void begin(std::uint32_t pool, const std::vector<unsigned>& workers);

    /// What they point to must stay until they are done, or dropped.
    mp::detail::JobId post(const mp::detail::Job& job);
    void submit(mp::detail::TaskSlot& task);

    bool finished(mp::detail::JobId job) const;
    /// Forgets a finished job. Errors: those of mp::detail::Backend::finish.
    void finish(mp::detail::JobId job);
    /// Takes back what has not been sent.
    void cancel(mp::detail::JobId job);
    /// Where possible, ends the workers that run what was sent.
    void stop(mp::detail::JobId job);
    bool stop(const mp::detail::TaskSlot& task);
    /// Forgets all work: nothing more is sent, and answers are not awaited.
    void drop() noexcept;

    /// Handles the answer to a chunk; sends more.
    void take(std::size_t endpoint, Message& ran);

    /// Returns whether everything is done.
    bool idle() const { return sent_.empty() && !has_work(); }
    /// How many items of the work in progress are done, and of how many.
    std::pair<std::size_t, std::size_t> progress() const;

private:
    struct ActiveJob { // a job in progress
        mp::detail::Job job;
        std::vector<std::byte> closure;
        Pace pace;
        std::size_t next = 0;          // items before it have been handed out
        std::size_t done = 0;          // items that have come back
        std::size_t skipped = 0;       // items that will never be run
        OwnedNote failure;             // of the failed item with the lowest index
        std::vector<bool> known;       // by endpoint: whether it has the closure
        std::vector<std::size_t> sent; // by endpoint: chunks sent and not answered
    };
    struct Side { // one endpoint
        unsigned workers = 0;
        unsigned load = 0; // the number of workers that the chunks sent will occupy
    };

    bool has_work() const { return !queue_.empty() || !undispatched_.empty(); }
    void dispatch();
    void dispatch_to(std::size_t endpoint);
    bool give(std::size_t endpoint, bool ahead);
    bool give_of_queue(std::size_t endpoint, bool ahead);
    bool give_of_job(std::size_t endpoint, mp::detail::JobId id, bool ahead);
    Message run_message(const Header& header, const mp::detail::Job& job, std::size_t first);
    void send(Message&& message, const SentChunk& sent);

    static void note_pace(Pace& pace, const SentChunk& sent, const Header& answer);
    std::vector<OwnedNote> take_results(const SentChunk& sent, const mp::detail::Job& job,
                                        const Header& answer, Reader& from) const;
    static void finish_part(ActiveJob& active_job, const SentChunk& sent,
                            std::vector<OwnedNote> failures);
    void finish_task(const SentChunk& sent, std::vector<OwnedNote> failures);

    Coordinator& coordinator_;
    RemoteStats& remote_stats_;
    std::uint32_t pool_ = 0;
    unsigned workers_ = 0;
    std::vector<Side> sides_;
    std::map<mp::detail::JobId, ActiveJob> active_jobs_;
    mp::detail::JobId jobs_ = 0;
    std::vector<mp::detail::JobId>
        undispatched_; // jobs of which some items have not been handed out
    std::deque<mp::detail::TaskSlot*> queue_;
    Pace queue_pace_;
    SentChunks sent_;
    std::int64_t room_ = 0; // how many more workers' worth of chunks may be sent
    std::size_t turn_ = 0;
    std::size_t tasks_done_ = 0, tasks_given_ = 0;
};

} // namespace mp_mpi
