#pragma once

#include <cstdint>
#include <functional>
#include <string>

/// What a task of threads-io can wait for.
namespace mpworkshop::kit {

struct Waiting {
    /// Waits; early after an interrupt. Errors: std::runtime_error.
    std::function<void(int)> task;
    std::string what; ///< a short description
};

/// `io` is "sleep", "disk" or "web"; a wait takes about `seconds`. For "disk",
/// it first measures how much work that is. Errors: std::runtime_error.
Waiting waiting_for(const std::string& io, double seconds);

} // namespace mpworkshop::kit
