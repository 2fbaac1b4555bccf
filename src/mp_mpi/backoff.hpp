#pragma once

#include <algorithm>
#include <chrono>
#include <thread>

#include "mp_mpi/clock.hpp"

namespace mp_mpi {

/// What who waits for messages does between two looks: MPI cannot sleep until one comes. First it
/// looks all the time, then ever more seldom, so that it is late by a small part of what it waited,
/// and an idle rank burns next to nothing.
class Backoff {
public:
    static constexpr std::chrono::microseconds eager{1000};
    static constexpr std::chrono::microseconds longest{5000};

    /// Something has come.
    void reset() { began_ = {}; }
    /// How long to sleep before the next look; 0: let others run, and look.
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
