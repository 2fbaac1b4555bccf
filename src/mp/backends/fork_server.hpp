#pragma once

#include <sys/types.h>

#include <cstdint>

#include "mp/backend.hpp"
#include "mp/os/descriptor.hpp"
#include "mp/os/event.hpp"
#include "mp/scheduler/shared_state.hpp"

namespace mp::detail {

/// The fork server: a process with one thread, forked when the pool is made. It creates all
/// workers, including replacements.
///
/// Each worker is a copy of it, so all start from the same memory, and none is forked from a
/// program that has started threads since. It clones them as children of the pool's owner, which
/// can then wait for them. It also watches the owner: when the owner dies, it kills every worker,
/// even one that is stopped or blocked.

/// The first bytes of a pool's own messages. Anything else, as when the program prints to the wrong
/// descriptor, is dropped.
using Seal = std::uint64_t;
Seal new_seal() noexcept;

/// What the owner may request.
struct Request {
    enum class Wish : std::uint32_t {
        make, ///< create a worker with this index
        kill, ///< kill this worker and all its descendants, which the owner has no right to kill
        kill_all, ///< kill all workers in the same way, and leave
        leave,
    };
    Seal seal;
    Wish wish;
    std::uint32_t worker;
    pid_t pid;
};

/// The answer to `make`, with a descriptor that is readable once the worker has ended; pid -1: the
/// kernel refused, with `error`.
struct Reply {
    Seal seal;
    std::uint32_t worker;
    pid_t pid;
    int error;
};

/// What the fork server, and each worker in it, receives from the owner.
struct ForkContext {
    Seal seal;
    SharedState* shared;
    const os::EventFd* owner_event;
    const Initializer* initializer;
    const void* backend;
    pid_t owner;
    bool forked_by_main_thread;
};

/// The main function of the fork server, in the child that becomes it: creates all workers, then
/// one for each request. `channel` is its end.
[[noreturn]] void run_fork_server(const ForkContext& context, os::Descriptor channel) noexcept;

/// The main function of a worker, in the child that becomes it.
[[noreturn]] void run_worker_process(const ForkContext& context, unsigned worker) noexcept;

} // namespace mp::detail
