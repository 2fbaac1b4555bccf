#pragma once

#include <optional>
#include <string>

namespace mpworkshop::sys {

/// The machine on which figures were measured.
struct Machine {
    std::string system;       ///< "Linux 6.1.0"
    std::string architecture; ///< "x86_64"
    std::string cpu;          ///< the model's name, empty where unknown
};

Machine machine();

/// How many processes wanted a CPU, on average over the last minute; empty where unknown.
std::optional<double> load_average();

/// Which of the kernel's folders /proc and /sys are missing, in words: "/proc"; empty if none is,
/// and on systems that have none. Without them no limit of a container can be seen.
std::string missing_kernel_folders();

} // namespace mpworkshop::sys
