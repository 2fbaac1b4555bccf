#pragma once

/// What a backend in a library of its own is: libmp_NAME.so, whose workers are other ranks of the
/// program.

#include <memory>
#include <string>

#include "mp/backend.hpp"

namespace mp {

/// How a program takes part in a job of several ranks.
struct RanksOptions {
    std::string backend = "mpi"; ///< the plugin's name
    std::string plugin = {}; ///< its file; empty: libmp_NAME.so beside the program or beside libmp
    /// 0: every rank but the first is one worker. More: every rank has so many worker processes,
    /// the first as well, so that a worker's death ends no rank.
    unsigned processes = 0;
};

namespace detail {

/// This process's part in a job: rank 0 leads, the others serve.
class Session {
public:
    /// Leaves the job, which rank 0 ends by that.
    virtual ~Session() = default;

    virtual int rank() const = 0;
    /// All workers of all ranks.
    virtual unsigned workers() const = 0;
    /// REQUIRES: not rank 0. Runs what rank 0 hands out, until rank 0 leaves; the exit code.
    virtual int serve() noexcept = 0;
    /// REQUIRES: rank 0. Errors: those of mp::detail::make_backend.
    virtual std::unique_ptr<Backend> make_backend(BackendOptions options) = 0;
};

/// What a plugin shows, by the name of `mp_plugin`.
struct Plugin {
    static constexpr unsigned current_abi = 1;

    unsigned abi;
    /// Errors: std::runtime_error, in a sentence, when there is no job to take part in.
    std::unique_ptr<Session> (*join)(const RanksOptions& options);
};

/// Loads a plugin, which stays. Errors: std::runtime_error.
const Plugin& load_plugin(const RanksOptions& options);

/// The membership in force, and the name that make_backend knows it by; null: none.
void set_session(Session* session, std::string name);

} // namespace detail

} // namespace mp
