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

/// What is inside the machine, whoever may use it.
struct Topology {
    unsigned cores = 0; ///< physical ones
    unsigned numa_nodes = 0;
    std::vector<Cache> caches = {}; ///< nearest first, those of data
};

/// Empty where nothing knows: built without hwloc, or hwloc sees nothing.
std::optional<Topology> topology();

} // namespace mpworkshop::sys
