#pragma once

#include <vector>

#include "mpworkshop/input/value.hpp"

#include <functional>

namespace mpworkshop::kit {

/// The steady clock, in seconds: the same for all processes of a machine.
double clock_s();

/// The time a piece of work took: wall-clock time, and CPU time of all CPUs.
struct Elapsed {
    double wall_s = 0;
    double cpu_s = 0;

    double cpus_busy() const { return wall_s > 0 ? cpu_s / wall_s : 0; }
    /// The same for the report: wall_s, cpu_s, cpus_busy.
    Value value() const;
};

/// Runs `work`. The CPU seconds are those of this process and of the children
/// reaped meanwhile. Errors: what `work` throws; mp::Interrupted if there was
/// an interrupt, also when `work` returns.
Elapsed elapsed(const std::function<void()>& work);

/// The median, or 0 of none.
double median(std::vector<double> values);

} // namespace mpworkshop::kit
