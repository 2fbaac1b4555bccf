#include "mp_mpi/sys/host.hpp"

#include <unistd.h>

#include <array>
#include <csignal>
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

bool end_launcher() noexcept {
    const pid_t parent = ::getppid();
    std::string name;
    try {
        std::ifstream in("/proc/" + std::to_string(parent) + "/comm");
        std::getline(in, name);
    } catch (...) {
        return false;
    }
    if (name != "mpirun" && name != "orterun" && name != "mpiexec") return false;
    (void)::kill(parent, SIGTERM);
    ::usleep(200'000);
    (void)::kill(parent, SIGTERM);
    return true;
}

} // namespace mp_mpi
