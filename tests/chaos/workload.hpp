#pragma once

#include <cstdint>
#include <mp/mp.hpp>
#include <random>
#include <string>
#include <vector>

namespace chaos {

/// The outcome of the work given to a pool.
struct Tally {
    std::uint64_t results = 0; ///< compared with those of a plain loop
    std::uint64_t wrong = 0;
    std::uint64_t lost = 0; ///< neither a result nor an error
    std::uint64_t doubled = 0;
    std::uint64_t died = 0; ///< WorkerDied, in pools that do not run items again
};

/// Gives the pool work of every form, of random sizes and chunks, several at once, and checks each
/// result. `retries`: whether every item must have a result.
void work(mp::Pool& pool, std::mt19937_64& random, bool retries, Tally& tally);

} // namespace chaos
