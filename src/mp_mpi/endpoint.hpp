#pragma once

#include <string>

namespace mp_mpi {

/// A destination for work: a rank, or this rank's own worker processes. Its messages contain
/// neither rank nor host: rank 0 finds them in this table.
struct Endpoint {
    int rank = -1;
    std::string host{};
    unsigned workers = 1;
    bool same_host = false; ///< and so has the same clock
};

} // namespace mp_mpi
