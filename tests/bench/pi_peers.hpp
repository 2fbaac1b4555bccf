#pragma once

#include <cstdint>
#include <vector>

// Other implementations of the sum of src/mpworkshop/kit/pi.hpp. Each returns pi.

namespace bench {

/// The simple loop: one term after the other. Compiled with -O2.
double pi_scalar(std::uint64_t steps);

/// The same, as `parallel for simd reduction`. Compiled with -O3 -march=native -ffast-math
/// -fopenmp.
double pi_openmp(std::uint64_t steps, int threads);

/// OpenMP with help: 32-bit counters within blocks, because AVX2 cannot convert 64-bit ones.
double pi_openmp_blocks(std::uint64_t steps, int threads);

struct ByHand {
    const char* name;
    double (*pi)(std::uint64_t steps);
};

/// The limit of one core: hand-written intrinsics, with four accumulators. Those that this CPU can
/// run, the widest vectors first.
std::vector<ByHand> by_hand();

} // namespace bench
