#pragma once

#include <optional>

#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop::kit {

/// How many CPUs there are, and what limits this process.
struct Cpus {
    unsigned online, affinity;
    std::optional<double> quota;
    std::optional<unsigned> slurm;
    unsigned usable;
};

/// Prints the counts, the caches and the NUMA nodes, and says how many workers to use and why.
void report_cpus(Run& run, const Cpus& cpus);

} // namespace mpworkshop::kit
