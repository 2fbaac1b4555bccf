#pragma once

#include <chrono>
#include <cstdint>

namespace mp_mpi {

/// The one clock, shared by the processes of a host.
using Clock = std::chrono::steady_clock;

inline std::int64_t now_ns() { return Clock::now().time_since_epoch().count(); }

inline double seconds(std::int64_t ns) { return double(ns) / 1e9; }

} // namespace mp_mpi
