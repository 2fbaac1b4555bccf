#pragma once

#include <poll.h>

#include <chrono>
#include <optional>
#include <span>
#include <utility>

#include "mp/os/descriptor.hpp"

namespace mp::os {

using Clock = std::chrono::steady_clock;
using Deadline = std::optional<Clock::time_point>;

/// An event that any process that inherited it can set, and that a process can wait for with poll.
class EventFd {
public:
    /// Errors: std::system_error.
    EventFd();

    /// Sets the event. Returns whether it is set; false if the program has closed the descriptor.
    /// Async-signal-safe.
    bool notify() const noexcept;
    /// Clears the event.
    void clear() const noexcept;
    int descriptor() const { return fd_.get(); }
    /// Returns false once the descriptor's number is closed or, as far as can be seen, refers to
    /// something else: a daemon closes all descriptors that it has inherited.
    bool is_intact() const noexcept;

private:
    Descriptor fd_;
    std::pair<unsigned long, unsigned long> identity_{}; // device and inode; 0: unknown
};

/// A descriptor to wait for, until data can be read from it or its other end is closed; -1: none.
using Watched = pollfd;
inline Watched watch(int descriptor) noexcept { return {descriptor, POLLIN, 0}; }
inline bool is_ready(const Watched& watched) noexcept { return watched.revents != 0; }
/// The same, and also true for one that could not be watched and may be ready.
inline bool is_surely_ready(const Watched& watched) noexcept {
    return (watched.revents & ~POLLPRI) != 0;
}

/// Blocks until one of the descriptors is ready, the deadline has passed, or a signal has arrived.
/// Returns whether one is ready. If the kernel cannot watch them, or one of them is closed, it
/// waits for a millisecond and reports them as ready: the caller must check them itself, without
/// blocking.
bool wait_ready(std::span<Watched> descriptors, Deadline deadline) noexcept;

} // namespace mp::os
