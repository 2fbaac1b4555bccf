#pragma once

/// The contract of a backend in a separate library, libmp_NAME.so, whose workers are other ranks of
/// the program.

#include <memory>
#include <string>

#include "mp/backend.hpp"
#include "mp/ranks.hpp"

namespace mp::detail {

/// This process's part in a job: rank 0 leads, the others serve.
class Session {
public:
    /// Leaves the job; when rank 0 leaves, the job ends.
    virtual ~Session() = default;

    virtual int rank() const = 0;
    /// The workers of all ranks.
    virtual unsigned workers() const = 0;
    /// REQUIRES: not rank 0. Runs what rank 0 hands out until rank 0 leaves; returns the exit code.
    virtual int serve() noexcept = 0;
    /// REQUIRES: rank 0. Errors: those of mp::detail::make_backend.
    virtual std::unique_ptr<Backend> make_backend(BackendOptions options) = 0;
};

/// What a plugin exports under the name `mp_plugin`.
struct Plugin {
    static constexpr unsigned current_abi = 1;

    unsigned abi;
    /// Errors: std::runtime_error, with a full sentence, when there is no job to take part in.
    std::unique_ptr<Session> (*join)(const RanksOptions& options);
};

/// Loads a plugin, which stays loaded. Errors: std::runtime_error.
const Plugin& load_plugin(const RanksOptions& options);

/// The membership in force, and the name by which make_backend knows it; null: none.
void set_session(Session* session, std::string name);

} // namespace mp::detail
