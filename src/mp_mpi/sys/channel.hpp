#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <utility>

#include "mp/os/descriptor.hpp"
#include "mp_mpi/agent_link.hpp"
#include "mp_mpi/message.hpp"

namespace mp_mpi {

/// Messages between a rank and its node agent, the process with the workers, over a pair of
/// sockets. Neither end blocks on the other while it sends.
class Channel final : public AgentLink {
public:
    explicit Channel(mp::os::Descriptor end);
    /// Makes both ends. Errors: std::system_error.
    static std::pair<Channel, Channel> pair();

    void send(Message&& message) override;
    bool receive(Message& message) override;
    bool ended() const override { return ended_; }
    void wait(std::chrono::milliseconds longest) override;
    bool has_unsent() const override { return !unsent_.empty(); }
    /// Returns whether something has arrived; does not block.
    bool ready() const;

private:
    void push();

    mp::os::Descriptor end_;
    std::deque<Message> unsent_;
    std::size_t sent_of_first_ = 0;
    Message coming_;
    std::size_t come_ = 0;
    bool ended_ = false;
};

} // namespace mp_mpi
