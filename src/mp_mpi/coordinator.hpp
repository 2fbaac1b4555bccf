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

/// What takes the answers that come for one pool.
class Recipient {
public:
    virtual ~Recipient() = default;
    /// Called locked.
    virtual void take(std::size_t endpoint, Message& answer) = 0;
    /// How many items of the work under way are done, and of how many. Called locked.
    virtual std::pair<std::size_t, std::size_t> progress() const = 0;
};

/// Rank 0's side of all conversations. Everything but mutex() REQUIRES that it is held, until no
/// pool is left.
class Coordinator {
public:
    /// `local`: to this rank's own worker processes; null: none.
    Coordinator(MPI_Comm ranks, std::vector<Endpoint> endpoints, std::unique_ptr<Channel> local,
                LivenessMonitor monitor);

    std::mutex& mutex() { return mutex_; }
    const std::vector<Endpoint>& endpoints() const { return endpoints_; }
    unsigned workers() const;
    /// Whether ranks have worker processes, this one too.
    bool has_local() const { return local_ != nullptr; }

    /// A pool's number, under which answers for it come.
    std::uint32_t enlist(Recipient& recipient);
    void dismiss(std::uint32_t pool) noexcept { recipients_.erase(pool); }

    Message blank() { return transport_.blank(); }
    void send(std::size_t endpoint, Message&& message);
    /// Hands on what has come; whether there was anything. Errors: mp::RankLost.
    bool pump();
    /// Errors: mp::RankLost, now and from then on, when a rank's life has ended.
    void check_alive();
    /// Looks at the liveness connections. A rank that a signal sent away is not lost until this
    /// one's signal is overdue.
    void look();
    bool lost() const { return why_lost_.has_value(); }
    /// REQUIRES: lost().
    const std::string& why_lost() const { return why_lost_->what; }
    /// Whether a caller has had the error.
    bool told() const { return told_; }
    /// Lost because a host is silent.
    bool lost_host() const { return lost() && why_lost_->end.unreachable; }

    /// Sends the other ranks home.
    void end();
    /// Takes an answer that nobody waits for any more; whether there was one.
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
