#pragma once

#include <string>

namespace mp_mpi {

/// This host's name.
std::string host_name();
/// The kernel's id of its boot, which differs between machines; empty if there is none.
std::string boot_id();

} // namespace mp_mpi
