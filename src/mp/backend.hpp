#pragma once

/// What a backend is: the contract between Pool and whatever runs its tasks.
///
/// Pool knows types; a backend knows none. Pool turns a map into a Job: bytes to read, room for
/// bytes to write, and one function, generated for the types at hand, that runs a stretch of items.
/// A backend decides who calls that function for which stretch, where, and what happens when they
/// die.

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "mp/stats.hpp"

namespace mp {

/// A value of varying length, in memory that both sides see.
struct Packed {
    const std::byte* data = nullptr;
    std::size_t size = 0;
};

/// The worker's side of a job: what Job::run may ask for.
class TaskContext {
public:
    virtual ~TaskContext() = default;
    /// Memory for a packed result, which the caller will read. Errors: std::bad_alloc,
    /// std::system_error.
    virtual std::byte* allocate(std::size_t bytes) = 0;
    /// Notes that `item` failed by the exception that is being handled.
    virtual void failed(std::size_t item) noexcept = 0;
};

/// A function over items 0 .. size - 1. Everything it points to must be visible to the workers.
struct Job {
    /// Runs items first .. last - 1: reads `items`, writes `results`, reports exceptions, throws
    /// nothing.
    using Run = void (*)(const Job& job, std::size_t first, std::size_t last, TaskContext& context);

    Run run = nullptr;
    const void* closure = nullptr; ///< the callable's bytes; a backend copies them
    std::size_t closure_size = 0;
    const void* items = nullptr; ///< `size` values of item_size bytes; for item_size 0, of Packed
    std::size_t item_size = 0;
    void* results = nullptr; ///< likewise, of result_size
    std::size_t result_size = 0;
    std::size_t size = 0;
    std::size_t chunksize = 0; ///< items that are handed out at once; 0: the backend decides
};

/// Runs the initializer from its bytes.
struct Initializer {
    void (*run)(const void* closure) = nullptr;
    std::vector<std::byte> closure;

    explicit operator bool() const { return run != nullptr; }
    void operator()() const {
        if (run != nullptr) run(closure.data());
    }
};

struct BackendOptions {
    unsigned processes = 1;
    Initializer initializer = {};
    bool trace = false;
};

/// Workers that run jobs, one job at a time.
///
/// Thread-safety: Pool calls from one thread at a time.
/// Errors: BrokenPool, Interrupted (the backend is then terminated), std::system_error from those
/// that are not noexcept.
class Backend {
public:
    /// Terminates and joins.
    virtual ~Backend() = default;

    /// Memory for items or results, seen by every worker at the same address; aligned for any type;
    /// contents arbitrary.
    virtual std::shared_ptr<void> allocate(std::size_t bytes) = 0;
    /// Whether the workers can read [data, data + bytes) where it stands.
    virtual bool visible(const void* data, std::size_t bytes) const = 0;

    /// Runs all items of a job and returns when each of them has a result or has failed.
    /// Errors: RemoteError or WorkerDied of the failing item with the lowest index.
    virtual void run(const Job& job) = 0;
    /// The packed results of the last job have been read; their memory may go.
    virtual void collected() noexcept = 0;
    /// Makes a run() that is under way on another thread end with BrokenPool. Thread-safety: any
    /// thread.
    virtual void abandon() noexcept = 0;

    virtual std::vector<WorkerStats> stats() const = 0;
    /// Empty without BackendOptions::trace.
    virtual std::vector<Span> trace() const = 0;

    /// No further job will come; idle workers leave.
    virtual void close() noexcept = 0;
    /// Ends the workers, whatever they do. Threads cannot be ended: there it waits for the items
    /// that are running.
    virtual void terminate() noexcept = 0;
    /// Blocks until every worker has ended.
    virtual void join() noexcept = 0;
};

/// Makes the backend called `name`, its workers started and initialised.
/// Errors: std::invalid_argument for an unknown name; RemoteError from the initializer;
/// std::system_error.
std::unique_ptr<Backend> make_backend(std::string_view name, BackendOptions options);

/// The names that make_backend knows, the reference first.
std::vector<std::string> backend_names();

} // namespace mp
