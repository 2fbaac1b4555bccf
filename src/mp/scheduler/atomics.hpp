#pragma once

#include <atomic>
#include <cstdint>

#include "mp/os/futex.hpp"

namespace mp::detail {

/// The primitives of the classes in shared memory: std::atomic and the kernel's futex. A test can
/// replace them with a model in which every operation is one step of a schedule.
struct SystemAtomics {
    template <class T> using Atomic = std::atomic<T>;

    /// How often an idle worker polls before it blocks.
    static constexpr int poll_times = 5;

    /// See os::futex_wait and os::futex_wake.
    static void wait(Atomic<std::uint32_t>& word, std::uint32_t expected,
                     long nanoseconds = 0) noexcept {
        os::futex_wait(word, expected, nanoseconds);
    }
    static void wake(Atomic<std::uint32_t>& word, int count) noexcept {
        os::futex_wake(word, count);
    }
};

inline constexpr std::size_t line = 128; // two cache lines: CPUs fetch them in pairs

} // namespace mp::detail
