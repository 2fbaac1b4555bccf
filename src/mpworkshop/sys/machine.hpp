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

} // namespace mpworkshop::sys
