#include "mpworkshop/sys/topology.hpp"

#ifdef MPWORKSHOP_HAS_HWLOC
#include <hwloc.h>

#include <cstdlib>
#include <memory>
#endif

namespace mpworkshop::sys {

#ifdef MPWORKSHOP_HAS_HWLOC

std::optional<Topology> topology() {
    // The program itself reports what hwloc misses.
    ::setenv("HWLOC_HIDE_ERRORS", "2", 0); // NOLINT(concurrency-mt-unsafe): before any thread
    hwloc_topology_t machine = nullptr;
    if (hwloc_topology_init(&machine) != 0) return std::nullopt;
    const std::unique_ptr<hwloc_topology, void (*)(hwloc_topology_t)> owner(machine,
                                                                            hwloc_topology_destroy);
    // Including cores that a container or a batch system does not allow: `cores` shows both
    // numbers.
    hwloc_topology_set_flags(machine, HWLOC_TOPOLOGY_FLAG_INCLUDE_DISALLOWED);
    if (hwloc_topology_load(machine) != 0) return std::nullopt;

    const auto number_of = [&](hwloc_obj_type_t type) {
        const int number = hwloc_get_nbobjs_by_type(machine, type);
        return number > 0 ? static_cast<unsigned>(number) : 0;
    };
    Topology found{.cores = number_of(HWLOC_OBJ_CORE), .numa_nodes = number_of(HWLOC_OBJ_NUMANODE)};
    if (found.cores == 0) return std::nullopt;
    unsigned level = 0;
    for (const auto type : {HWLOC_OBJ_L1CACHE, HWLOC_OBJ_L2CACHE, HWLOC_OBJ_L3CACHE}) {
        ++level;
        if (const unsigned number = number_of(type))
            found.caches.push_back(
                {level, hwloc_get_obj_by_type(machine, type, 0)->attr->cache.size, number});
    }
    return found;
}

#else

std::optional<Topology> topology() { return std::nullopt; }

#endif

} // namespace mpworkshop::sys
