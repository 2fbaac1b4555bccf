#pragma once

#include <cstddef>
#include <cstdint>

namespace mp {

/// A seed for the random numbers of item `index`. It does not depend on the number of workers, the
/// backend or the chunks, and is statistically independent of the other items' seeds. A generator
/// that the workers inherited when the pool was made would produce the same numbers in each of
/// them.
///
///     pool.map([seed](std::size_t i) { return draw(std::mt19937_64(mp::item_seed(seed, i))); },
///     ...)
///
/// Source: SplitMix64, of Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
/// OOPSLA 2014, its state after `index` steps from a mixed seed.
constexpr std::uint64_t item_seed(std::uint64_t seed, std::size_t index) noexcept {
    const auto mix = [](std::uint64_t z) {
        z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
        z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
        return z ^ (z >> 31);
    };
    constexpr std::uint64_t golden = 0x9e3779b97f4a7c15;
    return mix(mix(seed + golden) + golden * (static_cast<std::uint64_t>(index) + 1));
}

} // namespace mp
