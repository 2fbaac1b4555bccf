#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>

#include "mp_mpi/assignment.hpp"
#include "mp_mpi/servant.hpp"

namespace mp_mpi {

/// One worker: runs each item in this process, at once.
class Single final : public Servant {
public:
    explicit Single(std::function<void(Message&&)> send) : send_(std::move(send)) {}

    void take(Message& message) override;
    bool answer() override { return false; }

private:
    void open(Message& message);
    void run(Message& message);

    std::function<void(Message&&)> send_;
    std::map<std::uint32_t, OpenedPool> pools_;
};

} // namespace mp_mpi
