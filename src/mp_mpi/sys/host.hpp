#pragma once

#include <string>

namespace mp_mpi {

/// This host's name.
std::string host_name();
/// The kernel's name of its boot, which machines do not share; empty where it has none.
std::string boot_id();
/// Asks the program that launched this rank, where it is Open MPI's mpirun, to end at once, as two
/// SIGTERM do; false where it is another.
bool end_launcher() noexcept;

} // namespace mp_mpi
