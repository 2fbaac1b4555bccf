#pragma once

/// How many items a worker gets at a time, and when it gets more before it has finished.

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace mp_mpi {

/// The known properties of a job's items.
struct Pace {
    std::size_t chunksize = 0;  ///< requested; 0: chosen here
    std::size_t item_bytes = 0; ///< bytes sent and received for one item
    double item_ns = 0;         ///< measured time of one item; 0: not yet known
    std::size_t longest = 0;    ///< the longest chunk so far
};

inline constexpr double worthwhile_ns = 2e6; // hundreds of times the cost of a message
inline constexpr double patient_ns =
    20e6; // a worker whose chunk takes longer can wait for the next message
inline constexpr std::size_t most_bytes = std::size_t{64} << 20;

/// Items for each of an endpoint's workers, of `left`, which are for `workers` in all. Guided
/// self-scheduling: chunks shrink toward the end, so that all workers finish at about the same
/// time. They grow step by step to what takes worthwhile_ns. Source: Polychronopoulos and Kuck,
/// "Guided self-scheduling", IEEE Transactions on Computers C-36 (1987).
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

/// Returns whether an endpoint that works on one chunk should already have the next. Not for the
/// last chunks, which another endpoint may begin sooner.
inline bool prefetches(const Pace& pace, std::size_t left, std::size_t workers) {
    const std::size_t chunk = next_chunk(pace, left, workers);
    const std::size_t chunks = left / chunk;
    if (pace.item_ns > 0) return pace.item_ns * double(chunk) < patient_ns && chunks >= workers;
    return chunks >= 4 * workers;
}

} // namespace mp_mpi
