#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <utility>

#include "mp_mpi/message.hpp"
#include "mp_mpi/remote_job.hpp"

namespace mp_mpi {

/// One worker: runs each item in this process, at once.
class SerialWorker {
public:
    explicit SerialWorker(std::function<void(Message&&)> send) : send_(std::move(send)) {}

    /// REQUIRES: not `leave`. Answers at once, if an answer is due.
    void take(Message& message);

private:
    void open(Message& message);
    void run(Message& message);

    std::function<void(Message&&)> send_;
    std::map<std::uint32_t, RemotePool> pools_;
};

} // namespace mp_mpi
