#pragma once

/// What a backend in a library of its own is: libmp_NAME.so, whose workers are other ranks of the
/// program.

#include <memory>
#include <string>

#include "mp/backend.hpp"
#include "mp/ranks.hpp"

namespace mp::detail {

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

} // namespace mp::detail
