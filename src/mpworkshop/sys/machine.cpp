#include "mpworkshop/sys/machine.hpp"

#include <sys/utsname.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>
#include <utility>

namespace mpworkshop::sys {

Machine machine() {
    Machine found;
    utsname names = {};
    if (::uname(&names) == 0) {
        found.system = std::string(names.sysname) + " " + names.release;
        found.architecture = names.machine;
    }
    std::ifstream cpus("/proc/cpuinfo");
    for (std::string line; std::getline(cpus, line);) {
        if (!line.starts_with("model name")) continue; // arm64 does not have one
        const std::size_t colon = line.find(": ");
        if (colon != line.npos) found.cpu = line.substr(colon + 2);
        break;
    }
    return found;
}

std::optional<double> load_average() {
    double minute = 0;
    if (::getloadavg(&minute, 1) != 1) return {};
    return minute;
}

std::string missing_kernel_folders() {
    std::string missing;
#ifdef __linux__
    for (const auto& [folder, part] : {std::pair{"/proc", "/proc/self"}, {"/sys", "/sys/devices"}})
        if (::access(part, F_OK) != 0)
            missing += (missing.empty() ? "" : " and ") + std::string(folder);
#endif
    return missing;
}

} // namespace mpworkshop::sys
