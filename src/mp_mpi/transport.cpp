#include "mp_mpi/transport.hpp"

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "mp_mpi/clock.hpp"

namespace mp_mpi {

namespace {

constexpr int tag_first = 1, tag_more = 2;
constexpr std::size_t part = std::size_t{1} << 30; // MPI counts bytes with an int
constexpr std::size_t blanks_kept = 64, kept_bytes = 1 << 16;
constexpr std::size_t max_incoming = 64;

} // namespace

void Transport::send(int rank, Message&& message) {
    OutgoingTransfer transfer{std::move(message), {}};
    const std::size_t size = transfer.message.size();
    for (std::size_t at = 0; at < size; at += part)
        MPI_Isend(transfer.message.bytes() + at, static_cast<int>(std::min(part, size - at)),
                  MPI_BYTE, rank, at == 0 ? tag_first : tag_more, ranks_,
                  &transfer.parts.emplace_back());
    outgoing_.push_back(std::move(transfer));
    collect();
}

// Short messages are gone at once; they are sent in order, so checking the first is enough.
void Transport::collect() {
    while (!outgoing_.empty()) {
        OutgoingTransfer& transfer = outgoing_.front();
        int gone = 0;
        MPI_Testall(static_cast<int>(transfer.parts.size()), transfer.parts.data(), &gone,
                    MPI_STATUSES_IGNORE);
        if (gone == 0) return;
        if (blanks_.size() < blanks_kept && transfer.message.size() <= kept_bytes)
            blanks_.push_back(std::move(transfer.message));
        outgoing_.pop_front();
    }
}

bool Transport::look() {
    int there = 0;
    MPI_Message handle{};
    MPI_Status status{};
    MPI_Improbe(MPI_ANY_SOURCE, tag_first, ranks_, &there, &handle, &status);
    if (there == 0) return false;
    int bytes = 0;
    MPI_Get_count(&status, MPI_BYTE, &bytes);
    if (bytes < static_cast<int>(sizeof(Header))) // MPI_UNDEFINED is negative
        throw std::runtime_error("mp: a message between ranks is shorter than its header");
    const auto size = static_cast<std::size_t>(bytes);
    IncomingTransfer& transfer =
        incoming_.emplace_back(blank(), status.MPI_SOURCE, MPI_REQUEST_NULL, 0, size);
    transfer.message.reserve(size);
    MPI_Imrecv(transfer.message.bytes(), bytes, MPI_BYTE, &handle, &transfer.part);
    return true;
}

bool Transport::is_complete(IncomingTransfer& transfer) {
    for (;;) {
        int arrived = 0;
        MPI_Test(&transfer.part, &arrived, MPI_STATUS_IGNORE);
        if (arrived == 0) return false;
        transfer.arrived = transfer.asked;
        const std::size_t size = transfer.message.size();
        if (transfer.arrived >= size) return true;
        transfer.message.reserve(size);
        transfer.asked = std::min(size, transfer.arrived + part);
        MPI_Irecv(transfer.message.bytes() + transfer.arrived,
                  static_cast<int>(transfer.asked - transfer.arrived), MPI_BYTE, transfer.from,
                  tag_more, ranks_, &transfer.part);
    }
}

bool Transport::receive(Message& message, int& from) {
    if (!outgoing_.empty()) collect();
    while (look()) {
        // A short message is complete; others wait for the next call.
        if (incoming_.size() == 1 && is_complete(incoming_.front())) break;
        if (incoming_.size() >= max_incoming) break;
    }
    for (auto transfer = incoming_.begin(); transfer != incoming_.end(); ++transfer) {
        const auto is_earlier = [&](const IncomingTransfer& other) {
            return other.from == transfer->from;
        };
        if (std::any_of(incoming_.begin(), transfer, is_earlier) || !is_complete(*transfer))
            continue;
        std::swap(message, transfer->message);
        from = transfer->from;
        if (blanks_.size() < blanks_kept && transfer->message.size() <= kept_bytes)
            blanks_.push_back(std::move(transfer->message));
        incoming_.erase(transfer);
        return true;
    }
    return false;
}

bool Transport::flush(double seconds) {
    const auto until = Clock::now() + std::chrono::duration<double>(seconds);
    do collect();
    while (!outgoing_.empty() && Clock::now() < until);
    return outgoing_.empty();
}

Message Transport::blank() {
    if (blanks_.empty()) return {};
    Message message = std::move(blanks_.back());
    blanks_.pop_back();
    return message;
}

} // namespace mp_mpi
