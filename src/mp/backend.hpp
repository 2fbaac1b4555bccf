#pragma once

/// What a backend is: the contract between Pool and whatever runs its tasks.
///
/// Pool knows types; a backend knows none. Pool turns a map into a Job: bytes to read, room for
/// bytes to write, and one function, generated for the types at hand, that runs a stretch of items.
/// A backend has the workers; its executor decides which of them calls that function for which
/// items, and what happens when they die.

#include <sys/types.h>

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mp/stats.hpp"

namespace mp::detail {

/// A value of varying length, in memory that both sides see.
struct Packed {
    const std::byte* data = nullptr;
    std::size_t size = 0;
};

/// Why an item has no result.
enum class Fate : std::uint32_t {
    threw,     ///< an exception
    died,      ///< its worker ended
    starved,   ///< its worker was killed by the kernel, which had no memory left
    timed_out, ///< it ran longer than PoolOptions::task_timeout
    cancelled, ///< it was called off
};

/// A failed item: written down by its worker, with the texts behind it in memory, or by the owner.
struct FailureNote {
    std::size_t item;
    pid_t pid;
    Fate fate;
    int status; ///< of a worker that ended: an exit code, or -N for signal N
    std::size_t what_size;
    std::size_t type_size;
    const char* text; ///< what(), the type's name, the host; null if there was no memory for them
    std::size_t host_size = 0;
    int rank = -1; ///< of several that share the work; -1: there are none
};

/// The worker's side of a job or task: what it may ask for, and how far it has come.
class TaskContext {
public:
    /// The bounds of report_stride().
    static constexpr std::size_t min_stride = 64, max_stride = 4096;
    static constexpr std::int64_t short_stride_ns = 5'000, long_stride_ns = 50'000;

    /// `reached`: where it shall say how far it has come. `began_ns`: where it shall say when;
    /// null: nobody asks.
    TaskContext(std::atomic<std::uint64_t>& reached, std::atomic<std::int64_t>* began_ns)
        : reached_(reached), began_ns_(began_ns) {}
    virtual ~TaskContext() = default;

    /// All items before this one are done with, their results written. In a job it is said every
    /// report_stride() items, in a task of several before each.
    void reach(std::size_t item) noexcept {
        if (began_ns_ != nullptr) began_ns_->store(0); // neither item's time, in between
        reached_.store(item, std::memory_order_release);
        if (began_ns_ != nullptr) began_ns_->store(now_ns());
    }

    /// How many items of a job to run before the next reach_stride(): what takes some microseconds.
    std::size_t report_stride() const noexcept { return report_stride_; }
    void reach_stride(std::size_t item) noexcept {
        reach(item);
        const std::int64_t now = now_ns(), took = now - stride_end_ns_;
        stride_end_ns_ = now;
        if (took < short_stride_ns)
            report_stride_ = report_stride_ < max_stride ? 2 * report_stride_ : report_stride_;
        else if (took > long_stride_ns)
            report_stride_ = min_stride;
    }

    /// Memory for a packed result, which the caller will read and release. Errors: std::bad_alloc,
    /// std::system_error.
    virtual std::byte* allocate(std::size_t bytes) = 0;
    /// What a worker that died had allocated for the same item.
    virtual void release(const void* data) noexcept = 0;
    /// Writes down that `item` failed by the exception that is being handled.
    virtual FailureNote* note(std::size_t item) noexcept = 0;
    /// The same, for a job: its lowest failed item is what its caller will hear of.
    virtual void failed(std::size_t item) noexcept = 0;

private:
    static std::int64_t now_ns() noexcept {
        return std::chrono::steady_clock::now().time_since_epoch().count();
    }

    std::atomic<std::uint64_t>& reached_;
    std::atomic<std::int64_t>* began_ns_;
    std::size_t report_stride_ = min_stride;
    std::int64_t stride_end_ns_ = 0;
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

    bool has_packed_results() const { return result_size == 0; }
};

/// What one value takes where it lies: `size` as in Job.
constexpr std::size_t stored_size(std::size_t size) { return size != 0 ? size : sizeof(Packed); }

/// Names a job that is under way.
using JobId = std::uint32_t;

enum class TaskState : std::uint32_t {
    open,      ///< may be run, or called off
    finished,  ///< each of its items has a result or a failure
    cancelled, ///< called off before it began
    running,   ///< from here on: by worker state - running
};

/// A task's own word, in memory that the workers see: the worker that turns it from open to running
/// runs the task, whatever else holds it.
template <template <class> class Atomic = std::atomic> class BasicTaskStatus {
public:
    /// The task may be run, or is as it is before that. Release: with it comes the task.
    void reset(TaskState state) noexcept {
        state_.store(static_cast<std::uint32_t>(state), std::memory_order_release);
    }
    /// The task is over, or may be run again. Sequentially consistent: its results come with it,
    /// and the caller looks next whether the pool's owner sleeps.
    void finish(TaskState state) noexcept {
        state_.store(static_cast<std::uint32_t>(state), std::memory_order_seq_cst);
    }
    /// Acquire and release: with the task comes what it needs, and what the worker has said of
    /// itself stays before it. False: it is not open.
    bool try_begin(unsigned worker) noexcept {
        auto open = static_cast<std::uint32_t>(TaskState::open);
        return state_.compare_exchange_strong(open, running_on(worker), std::memory_order_acq_rel);
    }
    /// Calls off what has not begun. False: it has.
    bool try_cancel() noexcept {
        auto open = static_cast<std::uint32_t>(TaskState::open);
        return state_.compare_exchange_strong(
            open, static_cast<std::uint32_t>(TaskState::cancelled), std::memory_order_seq_cst);
    }

    bool is_open() const noexcept { return word() == static_cast<std::uint32_t>(TaskState::open); }
    bool is_running() const noexcept {
        return word() >= static_cast<std::uint32_t>(TaskState::running);
    }
    bool is_running_on(unsigned worker) const noexcept { return word() == running_on(worker); }
    /// The worker that runs it; empty: none.
    std::optional<unsigned> worker() const noexcept {
        const std::uint32_t now = word();
        if (now < running_on(0)) return std::nullopt;
        return now - running_on(0);
    }
    /// Whether it is over.
    bool done() const noexcept {
        const auto now = static_cast<TaskState>(word());
        return now > TaskState::open && now < TaskState::running;
    }
    /// TaskState::running stands for all workers.
    TaskState get() const noexcept {
        const std::uint32_t now = word();
        return now < running_on(0) ? static_cast<TaskState>(now) : TaskState::running;
    }

private:
    static constexpr std::uint32_t running_on(unsigned worker) noexcept {
        return static_cast<std::uint32_t>(TaskState::running) + worker;
    }
    // Sequentially consistent: the owner says that it is going to sleep, and then looks.
    std::uint32_t word() const noexcept { return state_.load(std::memory_order_seq_cst); }

    Atomic<std::uint32_t> state_;
};

using TaskStatus = BasicTaskStatus<>;

class Backend;
struct TaskSlot;

/// How long a worker has to end what it runs, or itself, once it has been asked to.
inline constexpr auto grace = std::chrono::milliseconds(100);

/// The error that a note tells of.
std::exception_ptr error_of(const FailureNote& note);
/// The items of a task, as those of a job, and where the failure of each goes; null: none.
struct TaskItems {
    Job job;
    FailureNote** failures;
};

/// What a task is, whatever its types.
struct TaskType {
    void (*run)(TaskSlot& task, TaskContext& context); ///< from `next` on; throws nothing
    TaskItems (*items)(TaskSlot& task);
};

enum class TaskKind : std::uint8_t {
    call,  ///< its item is counted in stats() once its result is there
    chunk, ///< its items are counted before that
    rerun, ///< items of a job: a Rerun (scheduler/rerun.hpp)
};

/// A task in the queue, in memory that the workers see: some items, which are run in turn; if their
/// worker dies, another goes on. What they need follows it, for a small call in the same cache
/// line.
struct alignas(16) TaskSlot {
    TaskStatus status;
    std::uint8_t log_bytes; ///< its memory is a power of two of bytes; 0: it is a LargeTask
    TaskKind kind;
    std::uint16_t worker_exits; ///< of workers that ran item `next`; the owner's
    const TaskType* type;
    std::size_t first;  ///< the index in the whole input of what is item 0 here
    std::uint32_t next; ///< where to go on
    std::uint32_t end;  ///< after the last

    bool done() const noexcept { return status.done(); }
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
    unsigned processes = 0; ///< 0: default_processes()
    Initializer initializer = {};
    bool trace = false;
    unsigned maxtasksperchild = 0;
    unsigned retries = 0;
    std::chrono::nanoseconds task_timeout{};
    unsigned first_worker =
        0; ///< worker_index() of the first; more where a pool is part of a larger
};

/// What hands jobs and tasks to workers, and tells what became of them.
///
/// Thread-safety: all methods from any thread.
/// Errors: BrokenPool when the workers are gone, Interrupted (the workers are then terminated),
/// std::system_error from those that are not noexcept.
class Executor {
public:
    virtual ~Executor() = default;

    /// Hands a job of at least one item to the workers; what it points to must stay until
    /// finish(). May block until there is room for one more.
    virtual JobId post(const Job& job) = 0;
    /// Whether every item of the job has a result or has failed.
    virtual bool finished(JobId job) noexcept = 0;
    /// Forgets a finished job. Errors: RemoteError, WorkerDied or TimeoutError of the failing item
    /// with the lowest index; Cancelled when items of it never ran.
    virtual void finish(JobId job) = 0;
    /// Takes back what no worker has begun; the job is finished when the rest is.
    virtual void cancel(JobId job) noexcept = 0;
    /// Ends what workers are running of a cancelled job, and them; where that is possible.
    virtual void stop(JobId job) noexcept = 0;

    /// Puts a task into the queue; it must stay until it is done. May block until there is room.
    virtual void submit(TaskSlot& task) = 0;
    /// Ends a task that is running, and its worker; false where that is not possible.
    virtual bool stop(TaskSlot& task) noexcept = 0;

    /// Blocks until `done` holds, which is asked again whenever something has happened, or until
    /// the deadline. Whether it holds.
    virtual bool wait(const std::function<bool()>& done,
                      std::optional<std::chrono::steady_clock::time_point> deadline) = 0;
    /// A packed result, or a failure note, has been read; its memory may go.
    virtual void release(const void* data) noexcept = 0;
};

/// Workers: it starts, stops and reaps them, and knows the memory that they see.
///
/// Thread-safety and errors: as for Executor.
class Backend {
public:
    /// Terminates and joins.
    virtual ~Backend() = default;

    /// How many workers there are.
    virtual unsigned processes() const = 0;
    /// What hands them work.
    virtual Executor& executor() noexcept = 0;

    /// Memory for items, results or tasks, seen by every worker at the same address; aligned for
    /// any type; contents arbitrary.
    virtual std::shared_ptr<void> allocate(std::size_t bytes) = 0;
    /// Whether the workers can read [data, data + bytes) where it stands.
    virtual bool visible(const void* data, std::size_t bytes) const = 0;

    virtual std::vector<WorkerStats> stats() const = 0;
    /// Empty without BackendOptions::trace. May ask the workers; where they do not answer any more
    /// it is what is known.
    virtual std::vector<Span> trace() = 0;

    /// No further work will come; workers leave when they find none.
    virtual void close() noexcept = 0;
    /// Ends the workers, whatever they do, and with BrokenPool every wait that is under way. What
    /// they have not begun they do not begin; what is finished stays so.
    /// Threads cannot be ended: there it waits for the items that are running.
    virtual void terminate() noexcept = 0;
    /// Blocks until every worker has ended. Errors: Interrupted, BrokenPool.
    virtual void join() = 0;
};

} // namespace mp::detail

namespace mp {

/// The workers that a backend has when nobody says how many: process_cpu_count(), or those of all
/// ranks.
unsigned default_processes(std::string_view backend);

namespace detail {

/// Makes the backend called `name`, its workers started and initialised.
/// Errors: std::invalid_argument for an unknown name; RemoteError from the initializer;
/// std::system_error.
std::unique_ptr<Backend> make_backend(std::string_view name, BackendOptions options);

} // namespace detail

/// The names that make_backend knows, the reference first.
std::vector<std::string> backend_names();

} // namespace mp
