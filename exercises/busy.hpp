#pragma once

#include <cstdint>

/// Something to compute, for as long as a demonstration needs.
namespace exercises {

/// Computes so many rounds and nothing else: no memory, no lock, no system
/// call. Returns a number that depends on every round. Thread-safety: any
/// thread.
double compute(std::uint64_t rounds);

/// How many rounds take about so long on this machine as it is now; at
/// least 1. Blocks: for some milliseconds.
std::uint64_t rounds_for(double seconds);

} // namespace exercises
