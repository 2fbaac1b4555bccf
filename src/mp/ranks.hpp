#pragma once

#include <memory>
#include <string>

namespace mp {

namespace detail {
class Session;
}

/// How a program takes part in a job of several ranks.
struct RanksOptions {
    std::string backend = "mpi"; ///< the plugin's name
    std::string plugin = {}; ///< its file; empty: libmp_NAME.so beside the program or beside libmp
    /// 0: every rank except rank 0 is one worker. Otherwise every rank, rank 0 included, has this
    /// many worker processes, so that the death of a worker ends no rank.
    unsigned processes = 0;
};

/// The job of several ranks in which this program was started, as by `mpirun -n 5`.
///
///     int main() {
///         mp::Ranks ranks;
///         if (ranks.rank() != 0) return ranks.serve();
///         mp::Pool pool({.backend = "mpi"});
///         ...
///     }
///
/// Rank 0 runs the program; the others run its tasks. Make it first, before other threads and
/// pools. Its destruction ends the job for all ranks. Errors: std::runtime_error when the plugin
/// cannot be loaded, when there is no such job, or when another rank runs a different build of the
/// program. std::logic_error for a second one.
class Ranks {
public:
    explicit Ranks(const RanksOptions& options = {});
    ~Ranks();
    Ranks(const Ranks&) = delete;
    Ranks& operator=(const Ranks&) = delete;

    int rank() const;
    /// REQUIRES: rank() is not 0. Returns when rank 0 has ended, with the value that main should
    /// return.
    int serve() noexcept;

private:
    std::unique_ptr<detail::Session> session_;
};

} // namespace mp
