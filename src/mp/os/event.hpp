#pragma once

#include <poll.h>

#include <chrono>
#include <optional>
#include <span>

#include "mp/os/descriptor.hpp"

namespace mp::os {

using Clock = std::chrono::steady_clock;
using Deadline = std::optional<Clock::time_point>;

/// A bell that any process that inherited it can ring, and one can wait for with poll.
class Doorbell {
public:
    /// Errors: std::system_error.
    Doorbell();

    /// Whether it rang. Async-signal-safe.
    bool ring() const noexcept;
    /// Forgets all rings.
    void silence() const noexcept;
    int descriptor() const { return fd_.get(); }

private:
    Descriptor fd_;
};

/// A descriptor to wait for, until something can be read from it or its other end is gone; -1:
/// none.
using Watched = pollfd;
inline Watched watch(int descriptor) noexcept { return {descriptor, POLLIN, 0}; }
inline bool is_ready(const Watched& watched) noexcept { return watched.revents != 0; }

/// Blocks until one of the descriptors is ready, the deadline has passed, or a signal came; whether
/// one is ready.
bool wait_ready(std::span<Watched> descriptors, Deadline deadline) noexcept;

} // namespace mp::os
