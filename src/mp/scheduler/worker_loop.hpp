#pragma once

#include <functional>

#include "mp/scheduler/shared_state.hpp"

namespace mp::detail {

/// What a worker needs besides its Board; calls that differ between a thread and a process.
struct Surroundings {
    std::function<void()> ring_owner; ///< wakes the pool's owner
    const void* backend = nullptr;    ///< whose tasks these are
};

/// Runs the initializer and says how it went. True: ready to work.
bool start_worker(Board& board, unsigned worker, const Initializer& initializer,
                  const Surroundings& around) noexcept;

/// A worker's life: waits for work and does it until the order is to leave, or until it has run
/// maxtasksperchild chunks.
void serve(Board& board, unsigned worker, const Surroundings& around) noexcept;

} // namespace mp::detail
