#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <functional>

#include "mp/backends/fork_server.hpp"
#include "mp/os/descriptor.hpp"

namespace mp::detail {

/// The fork server as seen by the pool's owner; see fork_server.hpp. Thread-safety: protected by
/// the owner's lock.
class ForkServerProcess {
public:
    /// Forks it; it creates all workers at once. Errors: std::system_error.
    void start(const ForkContext& context);

    /// Readable when it has answered or ended; -1 once its end has been handled.
    int descriptor() const;
    /// Reads one answer, if there is one: `whole`. Anything that is not an answer is `unknown`.
    /// `end`: it has ended and sends no more.
    os::Message receive(Reply& reply, os::Descriptor& ended) noexcept;
    /// Requests a worker with this index. Returns false if the fork server has ended or will end.
    bool request(std::uint32_t worker) noexcept;
    /// Asks it to kill a worker and its descendants: it keeps rights that this process may have
    /// given up. Returns false if it has ended or will end.
    bool ask_to_kill(pid_t worker) noexcept;
    /// Asks it to kill all workers and to leave.
    void send_away_killing() noexcept;
    /// Asks it to leave; from then on it creates no worker.
    void stop() noexcept;
    bool stopped() const { return stopped_; }
    /// Makes it leave, reads what it still reports about workers that it created, and reaps it.
    void join(const std::function<void(const Reply&, os::Descriptor)>& adopt) noexcept;

    /// For a child that has inherited this object.
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
