#pragma once

#include <array>
#include <cstdint>

namespace mpworkshop::kit {

/// Two threads add one to a count in the order in which an update is lost: both load, then both
/// store. Every step is real; only their order is arranged.
struct LostUpdate {
    struct Step {
        unsigned thread; ///< 1 or 2
        const char* what;
        std::uint64_t value;
    };
    std::array<Step, 4> steps = {};
    std::uint64_t counted = 1; ///< starts at 1
};

/// Errors: those of run_simultaneously.
LostUpdate lost_update();

} // namespace mpworkshop::kit
