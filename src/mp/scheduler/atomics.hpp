#pragma once

#include <atomic>
#include <cstdint>

#include "mp/os/futex.hpp"

namespace mp::detail {

/// What the classes in shared memory are made of: std::atomic and the kernel's futex. A test can
/// put a model in its place, in which every operation is a step of a schedule.
struct SystemAtomics {
    template <class T> using Atomic = std::atomic<T>;

    /// How often an idle worker polls before it sleeps.
    static constexpr int poll_times = 5;

    /// As os::futex_wait and os::futex_wake.
    static void wait(Atomic<std::uint32_t>& word, std::uint32_t expected,
                     long nanoseconds = 0) noexcept {
        os::futex_wait(word, expected, nanoseconds);
    }
    static void wake(Atomic<std::uint32_t>& word, int count) noexcept {
        os::futex_wake(word, count);
    }
};

inline constexpr std::size_t line = 128; // two cache lines: processors fetch them in pairs

} // namespace mp::detail
