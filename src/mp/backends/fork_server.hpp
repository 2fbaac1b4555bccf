#pragma once

#include <sys/types.h>

#include <cstdint>

#include "mp/backend.hpp"
#include "mp/os/descriptor.hpp"
#include "mp/os/event.hpp"
#include "mp/scheduler/shared_state.hpp"

namespace mp::detail {

/// The fork server: a process with one thread, forked when the pool is made, that creates the
/// workers, first or later.
///
/// Each worker is a copy of it, so all start from the same memory, and none is ever forked from a
/// program that has threads by then. It clones them as children of the pool's owner, who can wait
/// for them. It also watches the owner: when that dies, it kills every worker, also one that is
/// stopped or blocked.

/// What a pool's own messages begin with; whatever else comes, as when the program prints into the
/// wrong descriptor, is dropped.
using Seal = std::uint64_t;
Seal new_seal() noexcept;

/// What the owner asks for.
struct Request {
    enum class Wish : std::uint32_t {
        make,     ///< a worker at this place
        kill,     ///< this process, a worker, and what that has started: the owner has no right to
        kill_all, ///< likewise all workers; and to leave
        leave,
    };
    Seal seal;
    Wish wish;
    std::uint32_t worker;
    pid_t pid;
};

/// The answer to `make`, with a descriptor that is readable once the worker has ended; pid -1: the
/// kernel refused, by `error`.
struct Reply {
    Seal seal;
    std::uint32_t worker;
    pid_t pid;
    int error;
};

/// What the fork server, and each worker in it, has from the owner.
struct ForkContext {
    Seal seal;
    SharedState* shared;
    const os::EventFd* owner_event;
    const Initializer* initializer;
    const void* backend;
    pid_t owner;
    bool forked_by_main_thread;
};

/// The fork server's life, in the child that becomes it: makes all workers, then one at each
/// request. `channel` is its end.
[[noreturn]] void run_fork_server(const ForkContext& context, os::Descriptor channel) noexcept;

/// A worker's life, in the child that becomes it.
[[noreturn]] void run_worker_process(const ForkContext& context, unsigned worker) noexcept;

} // namespace mp::detail
