#include "mp_mpi/coordinator.hpp"

#include <mp/mp.hpp>
#include <utility>

#include "mp_mpi/clock.hpp"
#include "mp_mpi/wire.hpp"

namespace mp_mpi {

namespace {

constexpr std::int64_t look_every_ns = 20'000'000, and_for_each_ns = 20'000;
constexpr int at_once = 64; // answers handled before other work is handed out

} // namespace

Coordinator::Coordinator(MPI_Comm ranks, std::vector<Endpoint> endpoints,
                         std::unique_ptr<Channel> local, LivenessMonitor monitor)
    : endpoints_(std::move(endpoints)), transport_(ranks), local_(std::move(local)),
      monitor_(std::move(monitor)) {
    for (std::size_t i = 0; i < endpoints_.size(); ++i) {
        const auto rank = static_cast<std::size_t>(endpoints_[i].rank);
        if (endpoint_of_rank_.size() <= rank) endpoint_of_rank_.resize(rank + 1);
        endpoint_of_rank_[rank] = i;
    }
}

unsigned Coordinator::workers() const {
    unsigned all = 0;
    for (const Endpoint& each : endpoints_) all += each.workers;
    return all;
}

std::uint32_t Coordinator::enlist(Recipient& recipient) {
    recipients_.emplace(++pools_, &recipient);
    return pools_;
}

void Coordinator::send(std::size_t endpoint, Message&& message) {
    if (lost()) return;
    if (endpoints_[endpoint].rank == 0)
        local_->send(std::move(message));
    else
        transport_.send(endpoints_[endpoint].rank, std::move(message));
}

bool Coordinator::receive() {
    int from = 0;
    if (transport_.receive(received_, from)) {
        hand_on(endpoint_of_rank_[static_cast<std::size_t>(from)]);
        return true;
    }
    if (!local_) return false;
    if (local_->receive(received_)) {
        hand_on(0);
        return true;
    }
    if (local_->ended() && policy_.is_signal_late(mp::interrupted(), now_ns()))
        record_loss({.rank = 0});
    return false;
}

void Coordinator::hand_on(std::size_t endpoint) {
    if (received_.header().kind == Kind::unable) {
        Reader from(received_);
        return record_loss({.rank = endpoints_[endpoint].rank}, get_text(from));
    }
    const auto found = recipients_.find(received_.header().pool);
    if (found != recipients_.end()) found->second->take(endpoint, received_);
}

bool Coordinator::pump() {
    check_alive(); // answers that still arrive belong to abandoned work
    bool any = false;
    for (int i = 0; i < at_once && receive(); ++i) any = true;
    if (now_ns() - looked_ns_ >= look_every_ns + and_for_each_ns * std::int64_t(endpoints_.size()))
        look();
    check_alive();
    return any;
}

void Coordinator::look() {
    looked_ns_ = now_ns();
    const auto end = monitor_.first_ended();
    if (end && policy_.is_loss(*end, mp::interrupted(), now_ns())) record_loss(*end);
}

void Coordinator::check_alive() {
    if (!lost()) return;
    told_ = true;
    throw mp::RankLost(why_lost_->what, why_lost_->end.rank, host_of(why_lost_->end.rank));
}

void Coordinator::record_loss(const RankEnd& end, std::string_view why) {
    if (lost()) return;
    std::size_t done = 0, all = 0;
    for (const auto& [pool, recipient] : recipients_) {
        const auto [part, whole] = recipient->progress();
        done += part;
        all += whole;
    }
    why_lost_ = {describe_loss(end, host_of(end.rank), why, done, all), end};
}

const std::string& Coordinator::host_of(int rank) const {
    return endpoints_[endpoint_of_rank_[static_cast<std::size_t>(rank)]].host;
}

void Coordinator::end() {
    for (std::size_t i = 0; i < endpoints_.size(); ++i)
        send(i, Message(Header{.kind = Kind::leave}));
}

bool Coordinator::discard() {
    int from = 0;
    return transport_.receive(received_, from);
}

} // namespace mp_mpi
