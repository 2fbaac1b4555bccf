#pragma once

#include <chrono>
#include <cstdint>

namespace mp_mpi {

/// By this host's clock, which its processes share.
inline std::int64_t now_ns() { return std::chrono::steady_clock::now().time_since_epoch().count(); }

inline double seconds(std::int64_t ns) { return double(ns) / 1e9; }

} // namespace mp_mpi
