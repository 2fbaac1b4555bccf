#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop::report {

/// Where one worker's time went, in seconds by the wall clock. The parts add up to the time since
/// it was asked for, unless its tasks computed with several threads.
struct WorkerTimes {
    double starting = 0;  ///< until it was ready to work
    double computing = 0; ///< CPU time
    double ready = 0;     ///< ready to compute while other threads had the CPUs
    double blocked = 0;   ///< inside a task that waited for something else than a CPU
    double waiting = 0;   ///< for work

    double wall() const { return starting + computing + ready + blocked + waiting; }
    /// Inside tasks, had it always had a CPU.
    double work() const { return computing + blocked; }
};

/// Empty where the kernel does not tell of CPU time and of waits for a CPU.
std::optional<WorkerTimes> times_of(const mp::WorkerStats& worker);
/// Whether it tells of each of them: else no two could be compared.
bool are_known(const std::vector<mp::WorkerStats>& workers);

/// What kept these workers from being faster, in one sentence; empty without workers.
std::string diagnosis(const Outcome& outcome, unsigned usable_cpus);

} // namespace mpworkshop::report
