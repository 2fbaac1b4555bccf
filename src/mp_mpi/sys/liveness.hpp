#pragma once

/// A TCP connection from each rank to rank 0, besides MPI, that shows whether the other end still
/// exists. The kernel closes it when a rank dies, however it dies, and gives up within seconds when
/// a host cannot be reached. MPI-3 itself can detect neither. A rank that a signal ends announces
/// it first, because launchers signal all ranks when the user interrupts a run.

#include <poll.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "mp/os/descriptor.hpp"
#include "mp_mpi/clock.hpp"
#include "mp_mpi/lost_rank.hpp"

namespace mp_mpi {

/// Where rank 0 listens, sent to the other ranks.
struct Rendezvous {
    static constexpr std::size_t most = 16;
    std::array<std::uint8_t, 16> token{}; ///< a connecting rank must send it
    std::uint16_t port = 0;               ///< 0: rank 0 could not listen
    std::uint32_t addresses = 0;
    std::array<std::uint32_t, most> ipv4{}; ///< in network byte order
};

/// What a rank sends when it has connected.
struct Hello {
    std::array<std::uint8_t, 16> token;
    std::int32_t rank;
};

/// Rank 0's ends.
class LivenessMonitor {
public:
    LivenessMonitor() = default;

    std::size_t size() const { return links_.size(); }

    /// The first rank that has ended without a goodbye; if there is none, one that sent it, and
    /// that may still wait for rank 0's end.
    std::optional<RankEnd> first_ended();

private:
    friend class Listener;
    struct Link {
        int rank;
        mp::os::Descriptor end;
        int goodbye = 0;
    };
    std::vector<Link> links_;
    std::vector<pollfd> asked_; // for poll, one for each
};

/// Rank 0, while the others connect.
class Listener {
public:
    /// `local_only`: all ranks are on this host, so it listens only on loopback. May raise the
    /// limit of open files, because each rank's end is one.
    Listener(bool local_only, std::size_t ranks);

    const Rendezvous& rendezvous() const { return rendezvous_; }
    /// Accepts the connections that are there, or arrive within 10 ms, and send the token. Others
    /// wait until they have sent it; they are closed if they do not within two seconds.
    void take();
    /// Accepts more until there are `expected`, for at most four seconds; then stops listening.
    LivenessMonitor finish(std::size_t expected);

private:
    struct Silent { // has not identified itself
        mp::os::Descriptor end;
        Clock::time_point since;
        Hello hello{};
        std::size_t come = 0; // bytes received of its hello
    };

    void accept();
    void hear(Silent& from);
    void drop_silent();

    mp::os::Descriptor socket_;
    std::size_t ranks_;
    Rendezvous rendezvous_;
    std::vector<Silent> silent_; // the oldest first
    LivenessMonitor taken_;
};

/// The end of another rank.
class LivenessLink {
public:
    /// Empty when rank 0 cannot be reached.
    static LivenessLink connect(const Rendezvous& rendezvous, int rank);

    explicit operator bool() const { return static_cast<bool>(end_); }
    /// Returns whether rank 0 has ended.
    bool ended() const;
    /// From here on this process ends when rank 0 does, whatever it is doing. SIGINT, SIGTERM and
    /// SIGHUP end it as they do by default, but it first tells rank 0 and waits up to five seconds
    /// for it to end: a launcher that sees one rank end may kill the others.
    void exit_with_coordinator();
    /// Undoes this: the end of rank 0 is expected.
    void release();

private:
    mp::os::Descriptor end_;
};

} // namespace mp_mpi
