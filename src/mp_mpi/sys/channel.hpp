#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <utility>

#include "mp/os/descriptor.hpp"
#include "mp_mpi/message.hpp"

namespace mp_mpi {

/// Messages between a rank and its own process that keeps the workers, over a pair of sockets.
/// Neither end waits for the other while it sends.
class Channel {
public:
    explicit Channel(mp::os::Descriptor end);
    /// Both ends. Errors: std::system_error.
    static std::pair<Channel, Channel> pair();

    void send(Message&& message);
    /// Whether a whole one was there.
    bool receive(Message& message);
    /// The other end is closed, and all that came before has been received.
    bool ended() const { return ended_; }
    /// Blocks until there may be something to do, at most for so long; negative: however long.
    void wait(std::chrono::milliseconds longest);
    /// Whether something has come; does not block.
    bool ready() const;
    bool has_unsent() const { return !unsent_.empty(); }
    /// Sends what it can now.
    void push();

private:
    mp::os::Descriptor end_;
    std::deque<Message> unsent_;
    std::size_t sent_of_first_ = 0;
    Message coming_;
    std::size_t come_ = 0;
    bool ended_ = false;
};

} // namespace mp_mpi
