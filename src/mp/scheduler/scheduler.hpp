#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "mp/backend.hpp"
#include "mp/os/event.hpp"
#include "mp/scheduler/active_jobs.hpp"
#include "mp/scheduler/notifier.hpp"
#include "mp/scheduler/owner_wait.hpp"
#include "mp/scheduler/pool_memory.hpp"
#include "mp/scheduler/recovery.hpp"
#include "mp/scheduler/task_submitter.hpp"

namespace mp::detail {

/// The owner's side of a SharedState: hands out jobs and tasks, waits for their end, and recovers
/// what workers that die have left. The same for threads and processes, which differ in how workers
/// start and end.
///
/// Thread-safety: all methods from any thread, but those that say "REQUIRES: locked", which are for
/// `look` and for holders of lock().
class Scheduler {
public:
    /// What a backend does while a thread waits; both are called locked.
    struct Watch {
        std::vector<os::Watched>& descriptors; ///< to wait for as well
        /// One of them is ready, or something else has happened. May throw, which ends the wait.
        std::function<void()> look;
        /// When to look at the latest, whatever happens.
        std::function<os::Deadline()> look_by;
    };

    /// Errors: std::system_error.
    Scheduler(const BackendOptions& options, Watch watch);
    ~Scheduler();
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    SharedState& shared_state() { return memory_.shared(); }
    const os::EventFd& owner_event() const { return wait_.descriptor(); }
    std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

    /// See Backend.
    JobId post(const Job& job);
    bool finished(JobId job) noexcept;
    void finish(JobId job);
    void cancel(JobId job) noexcept;
    void submit(TaskSlot& task);
    void release(const void* data) noexcept;
    std::vector<WorkerStats> stats() const;
    std::vector<Span> trace() const;

    /// Blocks until `done`, which is called unlocked first, then locked. Whether it holds.
    /// Errors: Interrupted; BrokenPool after set_broken() or discard_all(); what `look` throws.
    bool wait(const std::function<bool()>& done, os::Deadline deadline = std::nullopt);
    /// See OwnerWait.
    std::int64_t stopped_ns() const { return wait_.stopped_ns(); }
    std::int64_t resumed_ns() const { return wait_.resumed_ns(); }

    /// A worker has ended, with this exit status, and cannot touch the shared state any more.
    /// `fate`: died or starved. REQUIRES: locked.
    void worker_lost(unsigned worker, int status, Fate fate);
    /// The owner is about to end a worker that runs `task` (for Fate::cancelled; null: something of
    /// a cancelled job) or has begun an item at `began_ns` (for timed_out). Whatever else it runs
    /// by then goes back. REQUIRES: locked.
    void mark_for_kill(unsigned worker, Fate fate, const TaskSlot* task, std::int64_t began_ns) {
        recovery_.mark_for_kill(worker, fate, task, began_ns);
    }
    bool is_marked_for_kill(unsigned worker) const { return recovery_.is_marked_for_kill(worker); }
    /// Whether a worker is running something of this job. REQUIRES: locked.
    bool is_running(unsigned worker, JobId job) noexcept {
        return recovery_.is_running(worker, job);
    }
    /// Whether there is work that a worker could take or has under way. REQUIRES: locked.
    bool has_work() noexcept;

    /// Tells the workers to leave when they find nothing more to do.
    void close() noexcept { shared_.close(); }
    /// Every wait, now or later, throws BrokenPool, for this reason, unless what it waits for is
    /// there. discard_all() must follow.
    void set_broken(const std::string& why) noexcept;
    /// Takes back what no worker has begun. After it, a worker that WorkerSlot::in_job shows
    /// outside may come in, but finds nothing. Keeps the results of jobs that are finished.
    /// REQUIRES: locked; set_broken().
    void take_all_back() noexcept;
    /// The same, and blocks until what the workers have begun is done. Only for workers that live.
    void drain() noexcept;
    /// Forgets all work that is not finished: no worker is left to touch it.
    void discard_all() noexcept;

private:
    void check_alive() const;
    void check_open() const;
    void wait_for_room(std::unique_lock<std::mutex>& lock, const std::function<bool()>& has_room);
    void collect_finished() noexcept;
    bool is_finished(ActiveJob& active_job) noexcept;

    std::int64_t made_ns_ = now_ns();
    PoolMemory memory_;
    SharedState& shared_;
    Notifier notifier_;
    TaskSubmitter submitter_;
    ActiveJobs jobs_;
    Recovery recovery_;
    mutable std::mutex mutex_;
    OwnerWait wait_;
    std::condition_variable discarding_; // discard_all() has run
    std::atomic<bool> broken_{false};
    std::string why_broken_;
    bool discarded_ = false;
};

} // namespace mp::detail
