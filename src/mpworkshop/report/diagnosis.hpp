#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop::report {

/// Where one worker's time went, in wall-clock seconds. The parts add up to the time since it was
/// requested, unless its tasks computed with several threads.
struct WorkerTimes {
    double starting = 0;  ///< until it was ready to work
    double computing = 0; ///< CPU time
    double ready = 0;     ///< ready to run while other threads had the CPUs
    double blocked = 0;   ///< inside a task that waited for something other than a CPU
    double waiting = 0;   ///< for work

    double wall() const { return starting + computing + ready + blocked + waiting; }
    /// The time inside tasks, had it always had a CPU.
    double work() const { return computing + blocked; }
};

/// Empty if the kernel does not report CPU time and waits for a CPU.
std::optional<WorkerTimes> times_of(const mp::WorkerStats& worker);
/// Whether the kernel reports it for each worker: otherwise they cannot be compared.
bool are_known(const std::vector<mp::WorkerStats>& workers);

/// What kept these workers from being faster, in one sentence; empty without workers.
std::string diagnosis(const Outcome& outcome, unsigned usable_cpus);

} // namespace mpworkshop::report
