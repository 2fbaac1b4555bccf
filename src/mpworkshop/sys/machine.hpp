#pragma once

#include <optional>
#include <string>

namespace mpworkshop::sys {

/// What a figure must be read beside.
struct Machine {
    std::string system;       ///< "Linux 6.1.0"
    std::string architecture; ///< "x86_64"
    std::string cpu;          ///< the model's name, empty where unknown
};

Machine machine();

/// How many processes wanted a CPU, on average over the last minute; empty where unknown.
std::optional<double> load_average();

/// In words, which of the kernel's folders /proc and /sys are not there: "/proc"; empty if they
/// are, and on systems that have none. Without them no limit of a container can be seen.
std::string missing_kernel_folders();

} // namespace mpworkshop::sys
