#pragma once

#include <string>

namespace mp_mpi {

/// This host's name.
std::string host_name();
/// The kernel's name of its boot, which machines do not share; empty where it has none.
std::string boot_id();

} // namespace mp_mpi
