#pragma once

#include <chrono>

#include "mp_mpi/message.hpp"

namespace mp_mpi {

/// A rank's link to its node agent, and back.
class AgentLink {
public:
    virtual ~AgentLink() = default;

    virtual void send(Message&& message) = 0;
    /// Returns whether there was an answer.
    virtual bool receive(Message& message) = 0;
    /// The node agent has ended, and everything it had sent has been received.
    virtual bool ended() const = 0;
    /// Blocks until there may be something to do, for at most the given time; negative: no limit.
    virtual void wait(std::chrono::milliseconds longest) = 0;
    /// Returns whether something is still to be sent.
    virtual bool has_unsent() const = 0;
};

} // namespace mp_mpi
