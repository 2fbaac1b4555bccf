#include "mp_mpi/sys/here.hpp"

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

void default_signals() noexcept {
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) (void)std::signal(signal, SIG_DFL);
}

} // namespace mp_mpi
