#pragma once

/// Messages between ranks, over MPI. Nothing here needs more than MPI-3.

#include <mpi.h>

#include <cstddef>
#include <deque>
#include <vector>

#include "mp_mpi/message.hpp"

namespace mp_mpi {

/// Sends and receives without waiting. One thread at a time.
class Transport {
public:
    /// `ranks`: stays the caller's.
    explicit Transport(MPI_Comm ranks) : ranks_(ranks) {}
    Transport(const Transport&) = delete;
    Transport& operator=(const Transport&) = delete;
    ~Transport() = default;

    void send(int rank, Message&& message);
    /// Whether a whole one was there. Those of one rank come in the order in which it sent them.
    bool receive(Message& message, int& from);
    /// Whether all that was sent has gone; waits for it for at most so long. A long message goes
    /// only while both ends look after it.
    bool flush(double seconds);
    /// A message in memory that was used before.
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
        std::size_t arrived, asked; // bytes; of the message, as far as its parts were asked for
    };

    void collect();
    bool look();
    bool is_complete(IncomingTransfer& transfer);

    MPI_Comm ranks_;
    std::deque<OutgoingTransfer> outgoing_;
    std::deque<IncomingTransfer> incoming_; // as they were found: of one rank in its order
    std::vector<Message> blanks_;
};

} // namespace mp_mpi
