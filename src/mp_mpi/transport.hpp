#pragma once

/// Messages between ranks, over MPI. Uses only MPI-3.

#include <mpi.h>

#include <cstddef>
#include <deque>
#include <vector>

#include "mp_mpi/message.hpp"

namespace mp_mpi {

/// Sends and receives without blocking. One thread at a time.
class Transport {
public:
    /// `ranks`: stays the caller's.
    explicit Transport(MPI_Comm ranks) : ranks_(ranks) {}
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    ~Transport() = default;

    void send(int rank, Message&& message);
    /// Returns whether a complete message was there. Messages of one rank arrive in the order in
    /// which it sent them.
    bool receive(Message& message, int& from);
    /// Waits, for at most the given time, until everything has been sent; returns whether it has. A
    /// long message progresses only while both ends poll.
    bool flush(double seconds);
    /// A message in reused memory.
    Message blank();

private:
    struct OutgoingTransfer {
        Message message;
        std::vector<MPI_Request> parts;
    };

    struct IncomingTransfer {
        Message message;
        int from;
        MPI_Request part;
        std::size_t arrived, asked; // bytes; of the message, as far as its parts were requested
    };

    void collect();
    bool look();
    bool is_complete(IncomingTransfer& transfer);

    MPI_Comm ranks_;
    std::deque<OutgoingTransfer> outgoing_;
    std::deque<IncomingTransfer> incoming_; // in the order found: for one rank, in the order sent
    std::vector<Message> blanks_;
};

} // namespace mp_mpi
