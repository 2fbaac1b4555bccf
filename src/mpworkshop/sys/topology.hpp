#pragma once

#include <cstdint>
#include <optional>
#include <vector>

namespace mpworkshop::sys {

struct Cache {
    unsigned level = 0;
    std::uint64_t bytes = 0; ///< of one
    unsigned number = 0;     ///< how many there are
};

/// The hardware of the machine, including parts this process may not use.
struct Topology {
    unsigned cores = 0; ///< physical cores
    unsigned numa_nodes = 0;
    std::vector<Cache> caches = {}; ///< data caches, nearest first
};

/// Empty if unknown: built without hwloc, or hwloc finds nothing.
std::optional<Topology> topology();

} // namespace mpworkshop::sys
