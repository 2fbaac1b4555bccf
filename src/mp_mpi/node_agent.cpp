#include "mp_mpi/node_agent.hpp"

#include <exception>
#include <thread>
#include <utility>
#include <vector>

#include "mp_mpi/wire.hpp"

namespace mp_mpi {

NodeAgent::NodeAgent(unsigned processes, LocalPool::Send send)
    : processes_(processes), send_(std::move(send)) {}

void NodeAgent::take(Message&& message) {
    const Header header = message.header();
    if (header.kind == Kind::open) return open(message);
    const auto found = pools_.find(header.pool);
    if (found == pools_.end()) {
        if (header.kind != Kind::close) return;
        Message answer(Header{.kind = Kind::closed, .pool = header.pool});
        put_all<WireWorkerStats>(answer, {});
        return send_(std::move(answer));
    }
    LocalPool& pool = *found->second;
    try {
        switch (header.kind) {
        case Kind::run:
            return pool.run(std::move(message));
        case Kind::forget:
            return pool.forget(header.job);
        case Kind::cancel:
            return pool.cancel(header);
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
    Message answer(Header{.kind = Kind::opened, .pool = id, .begin_ns = now_ns()});
    OwnedNote failure;
    try {
        auto pool = std::make_unique<LocalPool>(id, RemotePool::read(message), processes_, send_);
        pool->put_opened(answer);
        pools_.insert_or_assign(id, std::move(pool));
    } catch (const mp::RemoteError& error) { // thrown by the initializer
        const std::string what = error.what();
        failure = make_note({.item = error.item(),
                             .pid = error.pid(),
                             .fate = mp::detail::Fate::threw,
                             .status = 0,
                             .what_size = what.size(),
                             .type_size = error.type_name().size(),
                             .text = nullptr},
                            what + std::string(error.type_name()));
    } catch (...) {
        failure = current_note(0);
    }
    if (failure) {
        answer.reset(answer.header());
        put_all<WireWorkerStats>(answer, {});
        put_all<WireSpan>(answer, {});
        put_failures(answer, {*failure});
    } else {
        put_failures(answer, {});
    }
    answer.header().end_ns = now_ns();
    send_(std::move(answer));
}

// A local pool that can run nothing any more ends the pool on all ranks.
void NodeAgent::give_up(std::uint32_t id, std::string_view why) {
    pools_.erase(id);
    Message answer(Header{.kind = Kind::broken, .pool = id});
    put_text(answer, why);
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
    constexpr auto a_while = std::chrono::milliseconds(1); // a message does not end the other wait
    for (auto& [id, pool] : pools_)
        if (pool->has_work()) try {
                return pool->wait([&] { return channel.ready(); }, Clock::now() + a_while);
            } catch (const std::exception& error) {
                return give_up(id, error.what());
            }
    channel.wait(std::chrono::milliseconds(channel.has_unsent() ? 100 : -1));
}

void OwnAgent::send(Message&& message) {
    agent_.take(std::move(message));
    (void)agent_.answer();
}

bool OwnAgent::receive(Message& message) {
    if (answers_.empty()) return false;
    message = std::move(answers_.front());
    answers_.pop_front();
    return true;
}

void OwnAgent::wait(std::chrono::milliseconds longest) { std::this_thread::sleep_for(longest); }

void run_node_agent(Channel channel, unsigned processes) {
    NodeAgent agent(processes, [&channel](Message&& message) { channel.send(std::move(message)); });
    Message message;
    for (;;) {
        bool any = false;
        while (channel.receive(message)) {
            if (message.header().kind == Kind::leave) return;
            agent.take(std::exchange(message, {}));
            any = true;
        }
        if (channel.ended()) return;
        if (!agent.answer() && !any) agent.rest(channel);
    }
}

} // namespace mp_mpi
