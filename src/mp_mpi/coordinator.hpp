#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mp_mpi/endpoint.hpp"
#include "mp_mpi/lost_rank.hpp"
#include "mp_mpi/message.hpp"
#include "mp_mpi/sys/channel.hpp"
#include "mp_mpi/sys/liveness.hpp"
#include "mp_mpi/transport.hpp"

namespace mp_mpi {

/// Receives the answers for one pool.
class Recipient {
public:
    virtual ~Recipient() = default;
    /// Called with the lock held.
    virtual void take(std::size_t endpoint, Message& answer) = 0;
    /// How many items of the work in progress are done, and of how many. Called with the lock held.
    virtual std::pair<std::size_t, std::size_t> progress() const = 0;
};

/// Rank 0's side of all conversations. Everything but mutex() REQUIRES that it is held, as long as
/// a pool exists.
class Coordinator {
public:
    /// `local`: the link to this rank's own worker processes; null: none.
    Coordinator(MPI_Comm ranks, std::vector<Endpoint> endpoints, std::unique_ptr<Channel> local,
                LivenessMonitor monitor);

    std::mutex& mutex() { return mutex_; }
    const std::vector<Endpoint>& endpoints() const { return endpoints_; }
    unsigned workers() const;
    /// Returns whether ranks, including this one, have worker processes.
    bool has_local() const { return local_ != nullptr; }

    /// A pool's number, which answers for it carry.
    std::uint32_t enlist(Recipient& recipient);
    void dismiss(std::uint32_t pool) noexcept { recipients_.erase(pool); }

    Message blank() { return transport_.blank(); }
    void send(std::size_t endpoint, Message&& message);
    /// Delivers the answers that have arrived; returns whether there were any. Errors:
    /// mp::RankLost.
    bool pump();
    /// Errors: mp::RankLost, now and from then on, when a rank has been lost.
    void check_alive();
    /// Checks the liveness connections. A rank that announced the signal that ended it is not lost
    /// until this rank's own signal is overdue.
    void look();
    bool lost() const { return why_lost_.has_value(); }
    /// REQUIRES: lost().
    const std::string& why_lost() const { return why_lost_->what; }
    /// Returns whether a caller has received the error.
    bool told() const { return told_; }
    /// Lost because a host no longer answers.
    bool lost_host() const { return lost() && why_lost_->end.unreachable; }

    /// Tells the other ranks to leave.
    void end();
    /// Discards an answer that no caller waits for any more; returns whether there was one.
    bool discard();

private:
    struct LostRank {
        std::string what;
        RankEnd end;
    };

    bool receive();
    void hand_on(std::size_t endpoint);
    void record_loss(const RankEnd& end, std::string_view why = {});
    const std::string& host_of(int rank) const;

    std::mutex mutex_;
    std::vector<Endpoint> endpoints_;
    std::vector<std::size_t> endpoint_of_rank_;
    Transport transport_;
    std::unique_ptr<Channel> local_;
    LivenessMonitor monitor_;
    std::map<std::uint32_t, Recipient*> recipients_;
    std::uint32_t pools_ = 0;
    Message received_;
    std::int64_t looked_ns_ = 0;
    LivenessPolicy policy_;
    std::optional<LostRank> why_lost_;
    bool told_ = false;
};

} // namespace mp_mpi
