#pragma once

#include <functional>

#include "mp/scheduler/shared_state.hpp"

namespace mp::detail {

/// What a worker needs besides its SharedState; calls that differ between a thread and a process.
struct WorkerHost {
    std::function<void()> notify_owner; ///< wakes the pool's owner
    const void* backend = nullptr;      ///< whose tasks these are
};

/// Runs the initializer and says how it went. True: ready to work.
bool start_worker(SharedState& shared, unsigned worker, const Initializer& initializer,
                  const WorkerHost& host) noexcept;

/// A worker's life: waits for work and does it until the order is to leave, or until it has run
/// maxtasksperchild chunks.
void run_worker(SharedState& shared, unsigned worker, const WorkerHost& host) noexcept;

} // namespace mp::detail
