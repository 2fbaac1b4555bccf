#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"
#include "mpworkshop/kit/spans.hpp"
#include "mpworkshop/sys/other_programs.hpp"

namespace mpworkshop::kit {

/// A map of the same tasks in chunks of one size.
struct ChunkSample {
    std::uint64_t chunksize;
    double wall_s;
    LostShares lost;             ///< of the time of the workers
    std::vector<mp::Span> spans; ///< of that map
};

/// The sample of the last map of a pool that records a trace.
ChunkSample last_sample(mp::Pool& pool, int chunksize, double wall_s);

/// How long workers waited for a CPU, by the shares of their time in each map, in a sentence for
/// below the table; empty if hardly.
std::string waits_for_cpus(const std::vector<double>& ready);

/// The fastest chunk size of a table and the slowest, both measured again, in pairs: the shortest
/// of several times is partly luck.
struct ChunkContest {
    unsigned workers = 2;
    unsigned usable = 2; ///< CPUs
    std::uint64_t fastest = 1, slowest = 1;
    std::vector<double> fastest_s = {}, slowest_s = {};
    std::optional<sys::CpusUsed> others = {}; ///< CPUs that other programs used meanwhile

    /// Whether there are two sizes, and enough workers to distribute chunks.
    bool makes_sense() const { return workers > 1 && usable > 1 && fastest != slowest; }
    /// Measures the pairs, if that makes sense; `seconds_of` runs the map with a chunk size.
    void repeat(const std::function<double(std::uint64_t chunksize)>& seconds_of);
};

/// Compares what was said before a run with how many times as fast the fastest size was.
void compare_with_prediction(Run& run, const ChunkContest& contest);

/// How much the chunk size matters, in one sentence, or why that is unknown.
std::string what_chunks_gain(const ChunkContest& contest);

/// The report of the demonstration chunks: tasks of equal length, and tasks with a longer one among
/// them. Its `result` is described in exercises.hpp.
class ChunkReport {
public:
    ChunkReport(Run& run, std::uint64_t tasks, double seconds, const input::PoolChoice& pool);

    /// Both with the same chunk size.
    void add(const ChunkSample& alike, ChunkSample skewed);
    /// The sizes that were fastest and slowest with a long task, not yet measured again.
    ChunkContest contest() const;
    /// Charts of the slowest and the fastest, and what it means.
    void finish(ChunkContest contest);

private:
    void chart(const char* which, const ChunkSample& sample) const;

    Run& run_;
    std::uint64_t tasks_;
    double seconds_;
    unsigned workers_;
    sys::OtherPrograms others_;
    std::vector<ChunkSample> skewed_;
    std::vector<double> ready_; // shares, of both columns
    Value::List alike_rows_, skewed_rows_;
};

} // namespace mpworkshop::kit
