#pragma once

#include <optional>

#include "mpworkshop/exercise.hpp"

namespace mpworkshop::kit {

/// How many CPUs there are, and what limits this process.
struct Cpus {
    unsigned online, affinity;
    std::optional<double> quota;
    std::optional<unsigned> slurm;
    unsigned usable;
};

/// Shows them, with what is inside of the machine, and why so many workers are right.
void report_cpus(Run& run, const Cpus& cpus);

} // namespace mpworkshop::kit
