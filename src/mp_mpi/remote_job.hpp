#pragma once

/// What a worker stores about a pool and its jobs.

#include <cstddef>
#include <cstdint>
#include <map>
#include <mp/mp.hpp>
#include <vector>

#include "mp_mpi/message.hpp"
#include "mp_mpi/sys/code_map.hpp"
#include "mp_mpi/wire.hpp"

namespace mp_mpi {

/// A job as rank 0 described it, its addresses translated.
struct RemoteJob {
    mp::detail::Job::Run run = nullptr;
    std::vector<std::byte> closure;
    std::size_t item_size = 0, result_size = 0;
};

/// A pool as rank 0 opened it.
struct RemotePool {
    Opening opening{};
    mp::detail::Initializer initializer;
    CodeMap code_map;
    std::map<std::uint32_t, RemoteJob> jobs;

    /// Errors: std::runtime_error when the initializer's code is not in this process.
    static RemotePool read(Message& open);
    /// Reads the job that a `run` message describes. Errors: as above.
    RemoteJob read_job(Reader& from) const;
};

} // namespace mp_mpi
