#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"
#include "mpworkshop/kit/spans.hpp"

namespace mpworkshop::kit {

/// A map of the same tasks in chunks of one size.
struct ChunkSample {
    std::uint64_t chunksize;
    double wall_s;
    double idle;             ///< the share of their time that workers did not work
    std::vector<Span> spans; ///< of the workers
};

/// The report of the demonstration chunks: tasks that are all alike, and with a longer one among
/// them. What it puts into the result is in exercises.hpp.
class ChunkReport {
public:
    ChunkReport(Run& run, std::uint64_t tasks, double seconds, const input::PoolChoice& pool);

    /// Both with the same chunk size.
    void add(const ChunkSample& alike, ChunkSample skewed);
    /// Charts of the slowest and the fastest, and what it means.
    void finish();

private:
    void chart(const char* which, const ChunkSample& sample) const;

    Run& run_;
    std::uint64_t tasks_;
    double seconds_;
    unsigned workers_;
    std::vector<ChunkSample> skewed_;
    Value::List alike_rows_, skewed_rows_;
};

} // namespace mpworkshop::kit
