#pragma once

#include <chrono>

#include "mp_mpi/message.hpp"

namespace mp_mpi {

/// From a rank to its node agent, and back.
class AgentLink {
public:
    virtual ~AgentLink() = default;

    virtual void send(Message&& message) = 0;
    /// Whether an answer was there.
    virtual bool receive(Message& message) = 0;
    /// The node agent is gone, and all that it had sent has been received.
    virtual bool ended() const = 0;
    /// Blocks until there may be something to do, at most for so long; negative: however long.
    virtual void wait(std::chrono::milliseconds longest) = 0;
    /// Whether something is still to be sent.
    virtual bool has_unsent() const = 0;
};

} // namespace mp_mpi
