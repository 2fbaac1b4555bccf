#pragma once

#include <string>

namespace mp_mpi {

/// Where work can be sent: a rank, or this rank's own worker processes. What comes from there names
/// neither rank nor host: rank 0 knows them by this table.
struct Endpoint {
    int rank = -1;
    std::string host{};
    unsigned workers = 1;
    bool same_host = false; ///< and so the same clock
};

} // namespace mp_mpi
