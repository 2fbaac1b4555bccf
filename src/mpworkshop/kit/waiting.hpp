#pragma once

#include <cstdint>
#include <functional>
#include <string>

/// What a task of threads-io may wait for.
namespace mpworkshop::kit {

struct Waiting {
    /// Waits; early after an interrupt. Errors: std::runtime_error.
    std::function<void(int)> task;
    std::string what; ///< a few words on it
};

/// `io` is "sleep", "disk" or "web"; a wait takes about `seconds`, a little of
/// it spent here on finding out how much disk work that is. Errors:
/// std::runtime_error.
Waiting waiting_for(const std::string& io, double seconds);

} // namespace mpworkshop::kit
