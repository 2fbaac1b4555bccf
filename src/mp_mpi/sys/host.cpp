#include "mp_mpi/sys/host.hpp"

#include <unistd.h>

#include <array>
#include <fstream>

namespace mp_mpi {

std::string host_name() {
    std::array<char, 256> name{};
    if (::gethostname(name.data(), name.size() - 1) != 0) return "unknown";
    return name.data();
}

std::string boot_id() {
    std::ifstream in("/proc/sys/kernel/random/boot_id");
    std::string id;
    std::getline(in, id);
    return id;
}

} // namespace mp_mpi
