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

/// The workers of one rank: a local pool for each pool that rank 0 opens. If they are processes,
/// the node agent is a separate process, forked before MPI is initialized, so that no worker is
/// ever forked from a program that uses MPI.
class NodeAgent {
public:
    /// `processes`: for each pool; 0: this process itself is the one worker.
    NodeAgent(unsigned processes, LocalPool::Send send);

    /// REQUIRES: not `leave`. The answer to items comes later.
    void take(Message&& message);
    /// Sends the answers that are ready; returns whether there were any.
    bool answer();
    /// Blocks until there may be something to answer or to receive.
    void rest(Channel& channel);

private:
    void open(Message& message);
    void give_up(std::uint32_t id, std::string_view why);

    unsigned processes_;
    LocalPool::Send send_;
    std::map<std::uint32_t, std::unique_ptr<LocalPool>> pools_;
};

/// The node agent of a rank that is itself the worker: when send() returns, the message has been
/// processed and answered.
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

/// The main loop of a node agent at its end of the channel: until the message `leave`, or until the
/// rank has ended.
void run_node_agent(Channel channel, unsigned processes);

} // namespace mp_mpi
