#pragma once

/// A TCP connection from each rank to rank 0, beside MPI, that says one thing: whether the other
/// end is still there. The kernel closes it when a rank dies, however it dies, and gives it up
/// within seconds when a host cannot be reached. MPI-3 itself can tell neither. A rank that a
/// signal sends away says so before, as launchers send all away when the user interrupts one.

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

/// Where rank 0 listens, for ranks to read.
struct Rendezvous {
    static constexpr std::size_t most = 16;
    std::array<std::uint8_t, 16> token{}; ///< who connects must know it
    std::uint16_t port = 0;               ///< 0: rank 0 could not listen
    std::uint32_t addresses = 0;
    std::array<std::uint32_t, most> ipv4{}; ///< in network order
};

/// What a rank says when it has connected.
struct Hello {
    std::array<std::uint8_t, 16> token;
    std::int32_t rank;
};

/// Rank 0's ends.
class LivenessMonitor {
public:
    LivenessMonitor() = default;

    std::size_t size() const { return links_.size(); }

    /// The first that has ended without a goodbye; if there is none, one that said it, and that
    /// may still wait for rank 0's end.
    std::optional<RankEnd> first_ended();

private:
    friend class Listener;
    struct Link {
        int rank;
        mp::os::Descriptor end;
        int goodbye = 0;
    };
    std::vector<Link> links_;
    std::vector<pollfd> asked_; // of each
};

/// Rank 0, while the others connect.
class Listener {
public:
    /// `local_only`: all ranks are on this host; listens on loopback alone. May raise the limit of
    /// open files, as each rank's end is one.
    Listener(bool local_only, std::size_t ranks);

    const Rendezvous& rendezvous() const { return rendezvous_; }
    /// Takes the connections that are there, or come within 10 ms, and know the token. Others wait
    /// aside until they have said it; those that do not say it within two seconds are closed.
    void take();
    /// Takes more until there are `expected`, for four seconds at most; then it stops to listen.
    LivenessMonitor finish(std::size_t expected);

private:
    struct Silent { // has not yet said whose it is
        mp::os::Descriptor end;
        Clock::time_point since;
        Hello hello{};
        std::size_t come = 0; // bytes of it
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

/// Another rank's end.
class LivenessLink {
public:
    /// Empty when rank 0 cannot be reached.
    static LivenessLink connect(const Rendezvous& rendezvous, int rank);

    explicit operator bool() const { return static_cast<bool>(end_); }
    /// Rank 0 is gone.
    bool ended() const;
    /// From here on this process ends by itself when rank 0 is gone, whatever it is doing. SIGINT,
    /// SIGTERM and SIGHUP end it as they do by default, but it first tells rank 0 and waits for it
    /// to end, for five seconds at most: a launcher that sees one rank end may kill the others.
    void exit_with_coordinator();
    /// Until here: the end of rank 0 is expected.
    void release();

private:
    mp::os::Descriptor end_;
};

} // namespace mp_mpi
