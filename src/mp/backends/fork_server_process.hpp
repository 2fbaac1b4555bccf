#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>

#include "mp/backends/fork_server.hpp"
#include "mp/os/descriptor.hpp"

namespace mp::detail {

/// The fork server as the pool's owner knows it: see fork_server.hpp.
/// Thread-safety: as the owner's lock allows.
class ForkServerProcess {
public:
    /// Forks it; it makes all workers at once. Errors: std::system_error.
    void start(const ForkContext& context);

    /// Readable when it has answered or ended; -1 once that is no news any more.
    int descriptor() const;
    /// Reads one answer, if there is one: `whole`. What is no answer is `unknown`. `end`: it has
    /// ended, and is not heard again.
    os::Message receive(Reply& reply, os::Descriptor& ended) noexcept;
    /// Asks for a worker at this place; false: it has ended or will end.
    bool request(std::uint32_t worker) noexcept;
    /// Asks it to kill a worker, with what that has started: it still has the rights that this
    /// process may have given up. False: it has ended or will end.
    bool ask_to_kill(pid_t worker) noexcept;
    /// Asks it to kill all workers and to leave.
    void send_away_killing() noexcept;
    /// Asks it to leave; from then on it makes no worker.
    void stop() noexcept;
    bool stopped() const { return stopped_; }
    /// Sends it away, hears what it still has to tell of workers that it made, and reaps it.
    void join(const std::function<void(const Reply&, os::Descriptor)>& adopt) noexcept;

    /// For a child that has inherited it.
    void close_descriptor() noexcept { channel_.reset(); }

private:
    bool ask(Request::Wish wish, std::uint32_t worker, pid_t pid) noexcept;

    Seal seal_ = 0;
    std::size_t workers_ = 0;
    pid_t pid_ = 0;
    os::Descriptor channel_;
    bool stopped_ = false;
};

} // namespace mp::detail
