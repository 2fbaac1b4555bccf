#pragma once

/// The contract between Pool and the backends, which run its tasks.
///
/// Pool knows types; a backend knows none. Pool turns a map into a Job: bytes to read, memory for
/// the bytes to write, and one function, generated for the given types, that runs a range of items.
/// A backend has the workers. Its executor decides which worker calls that function for which
/// items, and what happens when a worker dies.

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

/// A value of varying length, in memory that both sides can see.
struct Packed {
    const std::byte* data = nullptr;
    std::size_t size = 0;
};

/// Why an item has no result.
enum class Fate : std::uint32_t {
    threw,     ///< an exception
    died,      ///< its worker ended
    starved,   ///< the kernel killed its worker because memory had run out
    timed_out, ///< it ran longer than PoolOptions::task_timeout
    cancelled, ///< it was cancelled
};

/// A failed item: recorded by its worker, with its texts following it in memory, or by the owner.
struct FailureNote {
    std::size_t item;
    pid_t pid;
    Fate fate;
    int status; ///< of a worker that ended: its exit code, or -N for signal N
    std::size_t what_size;
    std::size_t type_size;
    const char* text; ///< what(), the type's name, the host; null if there was no memory for them
    std::size_t host_size = 0;
    int rank = -1; ///< of several that share the work; -1: there are no ranks
};

/// A worker's view of its job or task: what it may request, and its progress.
class TaskContext {
public:
    /// The bounds of report_stride().
    static constexpr std::size_t min_stride = 64, max_stride = 4096;
    static constexpr std::int64_t short_stride_ns = 5'000, long_stride_ns = 50'000;

    /// `reached`: where to record progress. `began_ns`: where to record when an item began; null:
    /// not needed.
    TaskContext(std::atomic<std::uint64_t>& reached, std::atomic<std::int64_t>* began_ns)
        : reached_(reached), began_ns_(began_ns) {}
    virtual ~TaskContext() = default;

    /// Records that all items before this one are finished and their results written. In a job it
    /// is called every report_stride() items; in a task of several items, before each.
    void reach(std::size_t item) noexcept {
        if (began_ns_ != nullptr)
            began_ns_->store(0); // the time between two items belongs to neither
        reached_.store(item, std::memory_order_release);
        if (began_ns_ != nullptr) began_ns_->store(now_ns());
    }

    /// How many items of a job to run before the next reach_stride(): a few microseconds of work.
    std::size_t report_stride() const noexcept { return report_stride_; }
    /// `ran`: the number of items since the last call. Reading the clock may take as long as a
    /// short item, so calls with few items read it once a stride.
    void reach_stride(std::size_t item, std::size_t ran) noexcept {
        reach(item);
        if ((untimed_ += ran) < report_stride_) return;
        untimed_ = 0;
        const std::int64_t now = now_ns(), took = now - stride_end_ns_;
        stride_end_ns_ = now;
        if (took < short_stride_ns)
            report_stride_ = report_stride_ < max_stride ? 2 * report_stride_ : report_stride_;
        else if (took > long_stride_ns)
            report_stride_ = min_stride;
    }

    /// Memory for a packed result, which the caller reads and releases. Errors: std::bad_alloc,
    /// std::system_error.
    virtual std::byte* allocate(std::size_t bytes) = 0;
    /// Releases what a dead worker had allocated for the same item.
    virtual void release(const void* data) noexcept = 0;
    /// Records that `item` failed with the exception that is being handled.
    virtual FailureNote* note(std::size_t item) noexcept = 0;
    /// The same for a job, whose caller is told only of the failed item with the lowest index.
    virtual void failed(std::size_t item) noexcept = 0;

private:
    static std::int64_t now_ns() noexcept {
        return std::chrono::steady_clock::now().time_since_epoch().count();
    }

    std::atomic<std::uint64_t>& reached_;
    std::atomic<std::int64_t>* began_ns_;
    std::size_t report_stride_ = min_stride;
    std::size_t untimed_ = 0; // items that ran since the clock was read
    std::int64_t stride_end_ns_ = 0;
};

/// A function over items 0 .. size - 1. Everything it points to must be visible to the workers.
struct Job {
    /// Runs items first .. last - 1: reads `items`, writes `results`, records exceptions, throws
    /// nothing.
    using Run = void (*)(const Job& job, std::size_t first, std::size_t last, TaskContext& context);

    Run run = nullptr;
    const void* closure = nullptr; ///< the callable's bytes; a backend copies them
    std::size_t closure_size = 0;
    const void* items =
        nullptr; ///< `size` values of item_size bytes each, or `size` Packed if item_size is 0
    std::size_t item_size = 0;
    void* results = nullptr; ///< likewise, of result_size
    std::size_t result_size = 0;
    std::size_t size = 0;
    std::size_t chunksize = 0; ///< items handed out at a time; 0: the backend decides

    bool has_packed_results() const { return result_size == 0; }
};

/// The bytes that one value takes in the array: `size` as in Job.
constexpr std::size_t stored_size(std::size_t size) { return size != 0 ? size : sizeof(Packed); }

/// Identifies a job in progress.
using JobId = std::uint32_t;

enum class TaskState : std::uint32_t {
    open,      ///< may be run or cancelled
    finished,  ///< each of its items has a result or a failure
    cancelled, ///< cancelled before it began
    running,   ///< this value and higher: run by worker state - running
};

/// A task's state, in memory that the workers see. Whichever worker changes it from open to running
/// runs the task, no matter how many others hold the task.
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
    /// Cancels a task that has not begun. Returns false if it has.
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
    /// Whether the task has ended.
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

/// How long a worker has to end its item, or itself, after it was asked to.
inline constexpr auto grace = std::chrono::milliseconds(100);

/// The error that a failure note describes.
std::exception_ptr error_of(const FailureNote& note);
/// The items of a task, laid out as in a job, and where each failure goes; null: nowhere.
struct TaskItems {
    Job job;
    FailureNote** failures;
};

/// What every task has, whatever its types.
struct TaskType {
    void (*run)(TaskSlot& task, TaskContext& context); ///< runs from item `next` on; throws nothing
    TaskItems (*items)(TaskSlot& task);
};

enum class TaskKind : std::uint8_t {
    call,  ///< counted in stats() once its result has arrived
    chunk, ///< counted in stats() before its results arrive
    rerun, ///< items of a job: a Rerun (scheduler/rerun.hpp)
};

/// A task in the queue, in memory that the workers see: some items, run one after the other. If its
/// worker dies, another continues. What the items need follows the slot, for a small call in the
/// same cache line.
struct alignas(16) TaskSlot {
    TaskStatus status;
    std::uint8_t log_bytes; ///< the logarithm of its memory's size in bytes; 0: it is a LargeTask
    TaskKind kind;
    std::uint16_t
        worker_exits; ///< how many workers died while running item `next`; written by the owner
    const TaskType* type;
    std::size_t first;  ///< the index in the whole input of this task's item 0
    std::uint32_t next; ///< where to continue
    std::uint32_t end;  ///< one past the last item

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
        0; ///< worker_index() of the first; more than 0 where a pool is part of a larger one
};

/// Hands jobs and tasks to workers, and tells what became of them.
///
/// Thread-safety: all methods from any thread.
/// Errors: BrokenPool when the workers are gone, Interrupted (the workers are then terminated),
/// std::system_error from those that are not noexcept.
class Executor {
public:
    virtual ~Executor() = default;

    /// Hands a job of at least one item to the workers. What the job points to must stay until
    /// finish(). May block until there is room for one more job.
    virtual JobId post(const Job& job) = 0;
    /// Returns whether every item of the job has a result or has failed.
    virtual bool finished(JobId job) noexcept = 0;
    /// Forgets a finished job. Errors: RemoteError, WorkerDied or TimeoutError of the failed item
    /// with the lowest index; Cancelled when some items never ran.
    virtual void finish(JobId job) = 0;
    /// Takes back what no worker has begun; the job is finished when the rest has finished.
    virtual void cancel(JobId job) noexcept = 0;
    /// Where possible, ends the workers that run a cancelled job.
    virtual void stop(JobId job) noexcept = 0;

    /// Puts a task into the queue; it must stay until it is done. May block until there is room.
    virtual void submit(TaskSlot& task) = 0;
    /// Ends a running task together with its worker; false where that is not possible.
    virtual bool stop(TaskSlot& task) noexcept = 0;

    /// Blocks until `done()` is true, or until the deadline; returns whether it is true. `done` is
    /// called again whenever something has happened.
    virtual bool wait(const std::function<bool()>& done,
                      std::optional<std::chrono::steady_clock::time_point> deadline) = 0;
    /// Releases a packed result or a failure note that has been read.
    virtual void release(const void* data) noexcept = 0;
};

/// The workers: starts, stops and reaps them, and knows what memory they see.
///
/// Thread-safety and errors: as for Executor.
class Backend {
public:
    /// Terminates and joins.
    virtual ~Backend() = default;

    /// The number of workers.
    virtual unsigned processes() const = 0;
    /// The executor that hands them work.
    virtual Executor& executor() noexcept = 0;

    /// Memory for items, results or tasks, seen by every worker at the same address; aligned for
    /// any type; contents arbitrary.
    virtual std::shared_ptr<void> allocate(std::size_t bytes) = 0;
    /// Returns whether the workers can read [data, data + bytes) in place.
    virtual bool visible(const void* data, std::size_t bytes) const = 0;

    virtual std::vector<WorkerStats> stats() const = 0;
    /// Empty without BackendOptions::trace. May query the workers; if they no longer answer,
    /// returns what is known.
    virtual std::vector<Span> trace() = 0;

    /// Announces that no more work will come; workers leave when they find none.
    virtual void close() noexcept = 0;
    /// Ends the workers, whatever they do, and ends every wait in progress with BrokenPool. Work
    /// that they have not begun is not begun; finished work stays.
    /// Threads cannot be ended: with them it waits for the running items.
    virtual void terminate() noexcept = 0;
    /// Blocks until every worker has ended. Errors: Interrupted, BrokenPool.
    virtual void join() = 0;
};

} // namespace mp::detail

namespace mp {

/// The default number of workers: process_cpu_count(), or the workers of all ranks.
unsigned default_processes(std::string_view backend);

namespace detail {

/// Makes the backend called `name`, with its workers started and initialized. Errors:
/// std::invalid_argument for an unknown name; RemoteError from the initializer; std::system_error.
std::unique_ptr<Backend> make_backend(std::string_view name, BackendOptions options);

} // namespace detail

/// The names that make_backend knows, the reference backend first.
std::vector<std::string> backend_names();

} // namespace mp
