#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string_view>

#include "mp_mpi/agent_link.hpp"
#include "mp_mpi/local_pool.hpp"
#include "mp_mpi/message.hpp"
#include "mp_mpi/sys/channel.hpp"

namespace mp_mpi {

/// The workers of one rank: a local pool for each that rank 0 opens. Where these are processes it
/// lives in a process of its own, forked before MPI begins, so that no worker is ever forked from a
/// program that uses MPI.
class NodeAgent {
public:
    /// `processes`: for each pool; 0: the one worker is this process itself.
    NodeAgent(unsigned processes, LocalPool::Send send);

    /// REQUIRES: not `leave`. Of items that are run the answer comes later.
    void take(Message&& message);
    /// Sends what is ready; whether there was anything.
    bool answer();
    /// Blocks until there may be something to answer or to take.
    void rest(Channel& channel);

private:
    void open(Message& message);
    void give_up(std::uint32_t id, std::string_view why);

    unsigned processes_;
    LocalPool::Send send_;
    std::map<std::uint32_t, std::unique_ptr<LocalPool>> pools_;
};

/// The node agent of a rank that is itself the worker: what is sent to it has been done, and is
/// answered, when send() returns.
class OwnAgent final : public AgentLink {
public:
    void send(Message&& message) override;
    bool receive(Message& message) override;
    bool ended() const override { return false; }
    void wait(std::chrono::milliseconds longest) override;
    bool has_unsent() const override { return false; }

private:
    std::deque<Message> answers_;
    NodeAgent agent_{0, [this](Message&& answer) { answers_.push_back(std::move(answer)); }};
};

/// A node agent's life at its end of the channel: until the message `leave`, or until the rank is
/// gone.
void run_node_agent(Channel channel, unsigned processes);

} // namespace mp_mpi
