#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "mp_mpi/assignment.hpp"
#include "mp_mpi/servant.hpp"
#include "mp_mpi/sys/channel.hpp"

namespace mp_mpi {

/// The worker processes of one rank: a local pool for each that rank 0 opens. It lives in a process
/// of its own, forked before MPI begins, so that no worker is ever forked from a program that uses
/// MPI.
class Team final : public Servant {
public:
    Team(unsigned processes, std::function<void(Message&&)> send);
    ~Team() override;

    void take(Message& message) override;
    bool answer() override;
    /// Blocks until there may be something to answer or to take.
    void rest(Channel& channel);

private:
    struct Flight;
    struct LocalPool;

    void open(Message& message);
    void run(LocalPool& pool, Message& message);
    void take(LocalPool& pool, Message& message);
    void cancel(LocalPool& pool, const Header& what);
    static void call_off(LocalPool& pool, Flight& flight);
    void give_up(std::uint32_t id, std::string_view why);
    void close(std::uint32_t id);
    bool answer(std::uint32_t id, LocalPool& pool);
    void answer(std::uint32_t id, LocalPool& pool, Flight& flight);
    void put_stats(Message& to, const LocalPool& pool) const;

    unsigned processes_;
    std::function<void(Message&&)> send_;
    std::map<std::uint32_t, std::unique_ptr<LocalPool>> pools_;
};

/// A team's life at its end of the channel: until the message `leave`, or until the rank is gone.
void be_team(Channel channel, unsigned processes);

} // namespace mp_mpi
