#include "mp_mpi/node_agent.hpp"

#include <chrono>
#include <exception>
#include <utility>

#include "mp_mpi/wire_failure.hpp"

namespace mp_mpi {

NodeAgent::NodeAgent(unsigned processes, LocalPool::Send send)
    : processes_(processes), send_(std::move(send)) {}

void NodeAgent::take(Message& message) {
    const Header header = message.header();
    if (header.kind == Kind::open) return open(message);
    const auto found = pools_.find(header.pool);
    if (found == pools_.end()) {
        if (header.kind != Kind::close) return;
        Message answer(Header{.kind = Kind::closed, .pool = header.pool});
        answer.put(std::uint64_t{0}); // spans
        return send_(std::move(answer));
    }
    LocalPool& pool = *found->second;
    try {
        switch (header.kind) {
        case Kind::run:
            return pool.run(message);
        case Kind::forget:
            return pool.forget(header.job);
        case Kind::cancel:
            return pool.cancel(header);
        case Kind::tell:
            return pool.tell();
        case Kind::close:
            pool.close();
            pools_.erase(found);
            return;
        default:
            return;
        }
    } catch (const std::exception& error) {
        give_up(header.pool, error.what());
    }
}

void NodeAgent::open(Message& message) {
    const std::uint32_t id = message.header().pool;
    Message answer(Header{.kind = Kind::opened,
                          .pool = id,
                          .ticket = static_cast<std::uint32_t>(mp::this_process::pid()),
                          .begin_ns = now_ns()});
    try {
        pools_.insert_or_assign(
            id, std::make_unique<LocalPool>(id, RemotePool::read(message), processes_, send_));
    } catch (const mp::RemoteError& error) {
        put_failures(answer, {RemoteFailure(error.item(), mp::detail::Fate::threw, error.pid(), 0,
                                            error.what(), error.type_name())});
    } catch (...) {
        put_failures(answer, {RemoteFailure::current(0)});
    }
    answer.header().end_ns = now_ns();
    send_(std::move(answer));
}

// A local pool that can run nothing any more is gone for all.
void NodeAgent::give_up(std::uint32_t id, std::string_view why) {
    pools_.erase(id);
    Message answer(Header{.kind = Kind::broken, .pool = id, .count = why.size()});
    answer.put_bytes(why.data(), why.size(), 1);
    send_(std::move(answer));
}

bool NodeAgent::answer() {
    bool any = false;
    for (auto at = pools_.begin(); at != pools_.end();) {
        const auto& [id, pool] = *at++;
        try {
            any |= pool->answer();
        } catch (const std::exception& error) {
            give_up(id, error.what());
            any = true;
        }
    }
    return any;
}

void NodeAgent::rest(Channel& channel) {
    constexpr auto a_while = std::chrono::milliseconds(1); // messages do not end the other wait
    for (auto& [id, pool] : pools_)
        if (pool->has_work()) try {
                return pool->wait([&] { return channel.ready(); },
                                  std::chrono::steady_clock::now() + a_while);
            } catch (const std::exception& error) {
                return give_up(id, error.what());
            }
    channel.wait(std::chrono::milliseconds(channel.has_unsent() ? 100 : -1));
}

void run_node_agent(Channel channel, unsigned processes) {
    NodeAgent agent(processes, [&channel](Message&& message) { channel.send(std::move(message)); });
    Message message;
    for (;;) {
        bool any = false;
        while (channel.receive(message)) {
            if (message.header().kind == Kind::leave) return;
            agent.take(message);
            any = true;
        }
        if (channel.ended()) return;
        if (!agent.answer() && !any) agent.rest(channel);
    }
}

} // namespace mp_mpi
