#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

#include "mp_mpi/clock.hpp"

namespace mp_mpi {

/// How a thread that waits for messages polls, because MPI cannot sleep until one arrives. At first
/// it polls continuously, then less and less often. So the delay is a small part of the wait, and
/// an idle rank uses almost no CPU time.
class Backoff {
public:
    static constexpr std::chrono::microseconds eager{1000};
    static constexpr std::chrono::microseconds longest{5000};

    /// A message has arrived.
    void reset() { began_ = {}; }
    /// How long to sleep before the next poll; 0: yield the CPU, then poll.
    std::chrono::microseconds next() {
        const auto now = Clock::now();
        if (began_ == Clock::time_point{}) began_ = now;
        const auto waited = std::chrono::duration_cast<std::chrono::microseconds>(now - began_);
        if (waited < eager) return std::chrono::microseconds{0};
        return std::clamp(waited / 8, std::chrono::microseconds{20}, longest);
    }
    void rest() {
        const auto backoff = next();
        if (backoff.count() == 0)
            std::this_thread::yield();
        else
            std::this_thread::sleep_for(backoff);
    }

private:
    Clock::time_point began_{};
};

} // namespace mp_mpi
