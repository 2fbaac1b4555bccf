#pragma once

#include <functional>

#include "mp/scheduler/shared_state.hpp"

namespace mp::detail {

/// What a worker needs besides its SharedState; calls differ between threads and processes.
struct WorkerHost {
    std::function<void()> notify_owner; ///< wakes the pool's owner
    const void* backend = nullptr;      ///< the backend whose tasks these are
};

/// Runs the initializer and records the outcome. Returns true if the worker is ready.
bool start_worker(SharedState& shared, unsigned worker, const Initializer& initializer,
                  const WorkerHost& host) noexcept;

/// The main loop of a worker: waits for work and does it until told to leave, or until it has run
/// maxtasksperchild chunks.
void run_worker(SharedState& shared, unsigned worker, const WorkerHost& host) noexcept;

} // namespace mp::detail
