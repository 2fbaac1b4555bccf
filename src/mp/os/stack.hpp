#pragma once

#include <cstdint>

namespace mp::os {

/// The addresses [low, high) of the calling thread's stack.
struct StackRange {
    std::uintptr_t low = 0;
    std::uintptr_t high = 0;
};
StackRange current_stack() noexcept;

} // namespace mp::os
