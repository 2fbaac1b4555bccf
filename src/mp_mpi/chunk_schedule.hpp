#pragma once

/// How many items a worker gets at once, and when it gets more before it is done.

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace mp_mpi {

/// What is known of a job's items.
struct Pace {
    std::size_t chunksize = 0;  ///< asked for; 0: as fits
    std::size_t item_bytes = 0; ///< sent and received for one
    double item_ns = 0;         ///< that one takes, measured; 0: not yet known
    std::size_t longest = 0;    ///< the longest chunk so far
};

inline constexpr double worthwhile_ns = 2e6; // hundreds of times what a message costs
inline constexpr double patient_ns = 20e6;   // who works longer can wait for the next message
inline constexpr std::size_t most_bytes = std::size_t{64} << 20;

/// Items for each of an endpoint's workers, of `left`, which are for `workers` in all. Guided:
/// chunks shrink at the end, so that all are done at about the same time; and they grow step by
/// step to what takes worthwhile_ns. Source: Polychronopoulos and Kuck, "Guided self-scheduling",
/// IEEE Transactions on Computers C-36 (1987).
inline std::size_t next_chunk(const Pace& pace, std::size_t left, std::size_t workers) {
    if (pace.chunksize != 0) return std::min(pace.chunksize, left);
    const std::size_t guided = std::max<std::size_t>(1, left / (2 * workers));
    std::size_t fits = std::max<std::size_t>(1, left / (64 * workers));
    if (pace.item_ns > 0)
        fits = static_cast<std::size_t>(
            std::clamp(worthwhile_ns / pace.item_ns, 1.0,
                       8.0 * double(std::max<std::size_t>(1, pace.longest))));
    else
        fits = std::min<std::size_t>(fits, 256);
    if (pace.item_bytes != 0)
        fits = std::min(fits, std::max<std::size_t>(1, most_bytes / pace.item_bytes));
    return std::min({fits, guided, left});
}

/// Whether an endpoint that works on one chunk shall have the next one already. Not of the last
/// ones, which another may begin sooner.
inline bool prefetches(const Pace& pace, std::size_t left, std::size_t workers) {
    const std::size_t chunk = next_chunk(pace, left, workers);
    const std::size_t chunks = left / chunk;
    if (pace.item_ns > 0) return pace.item_ns * double(chunk) < patient_ns && chunks >= workers;
    return chunks >= 4 * workers;
}

} // namespace mp_mpi
