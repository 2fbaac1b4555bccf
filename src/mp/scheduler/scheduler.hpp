#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <vector>

#include "mp/backend.hpp"
#include "mp/os/event.hpp"
#include "mp/scheduler/active_jobs.hpp"
#include "mp/scheduler/cpu_sampler.hpp"
#include "mp/scheduler/notifier.hpp"
#include "mp/scheduler/owner_wait.hpp"
#include "mp/scheduler/pool_memory.hpp"
#include "mp/scheduler/recovery.hpp"
#include "mp/scheduler/task_submitter.hpp"

namespace mp::detail {

/// The backend that starts, ends and reaps the workers, as seen by a Scheduler. All but terminate()
/// are called with the lock held.
class Staff {
public:
    virtual ~Staff() = default;

    /// Further descriptors that a waiting thread watches.
    virtual std::vector<os::Watched>& descriptors() noexcept = 0;
    /// A descriptor is ready, or something else has happened. May throw, which ends the wait.
    virtual void look() = 0;
    /// The latest time of the next check.
    virtual os::Deadline look_by() noexcept = 0;
    /// Asks a worker to end, and makes sure that it does. False: it cannot be ended, or there is
    /// none.
    virtual bool end_worker(unsigned worker) noexcept = 0;
    /// Ends all workers: the pool is broken, for this reason.
    virtual void terminate(const std::string& why) noexcept = 0;
};

/// The owner's side of a SharedState: hands out jobs and tasks, waits for their end, and recovers
/// the work of workers that die. Threads and processes use the same code; they differ in how
/// workers start and end.
///
/// Thread-safety: all methods from any thread, except those that say "REQUIRES: locked", which are
/// for `look` and for holders of lock().
class Scheduler final : public Executor {
public:
    /// `staff`: the backend with the workers; it must outlive this. Errors: std::system_error.
    Scheduler(const BackendOptions& options, Staff& staff);
    ~Scheduler() override;
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    SharedState& shared_state() { return memory_.shared(); }
    const os::EventFd& owner_event() const { return wait_.descriptor(); }
    std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

    /// Before post(), submit() or wait() throws BrokenPool or Interrupted, the workers have ended:
    /// no memory of the work is in use.
    JobId post(const Job& job) override;
    bool finished(JobId job) noexcept override;
    void finish(JobId job) override;
    void cancel(JobId job) noexcept override;
    void stop(JobId job) noexcept override;
    void submit(TaskSlot& task) override;
    bool stop(TaskSlot& task) noexcept override;
    /// `done` is called unlocked first, then locked. Errors: also what Staff::look() throws.
    bool wait(const std::function<bool()>& done, os::Deadline deadline) override;
    void release(const void* data) noexcept override;
    std::vector<WorkerStats> stats() const;
    std::vector<Span> trace() const;
    /// The workers have started: with a trace, begins to sample their CPU times.
    void start_sampling();

    /// See OwnerWait.
    std::int64_t stopped_ns() const { return wait_.stopped_ns(); }
    std::int64_t resumed_ns() const { return wait_.resumed_ns(); }

    /// A worker has ended with this exit status and cannot touch the shared state any more. `fate`:
    /// died or starved. REQUIRES: locked.
    void worker_lost(unsigned worker, int status, Fate fate);
    /// Ends a worker that runs `task` (for Fate::cancelled; null: an item of a cancelled job), or
    /// that began an item at `began_ns` (for timed_out). Any other work that it runs by then goes
    /// back. False: it cannot be ended. REQUIRES: locked.
    bool end_worker(unsigned worker, Fate fate, const TaskSlot* task,
                    std::int64_t began_ns) noexcept;
    bool is_marked_for_kill(unsigned worker) const { return recovery_.is_marked_for_kill(worker); }
    /// Returns whether a worker has work in progress or could take some. REQUIRES: locked.
    bool has_work() noexcept;

    /// Tells the workers to leave when they find no more work.
    void close() noexcept { shared_.close(); }
    /// Every wait, now or later, throws BrokenPool for this reason, unless the result is already
    /// there. discard_all() must follow.
    void set_broken(const std::string& why) noexcept;
    /// Takes back what no worker has begun. Afterwards, a worker that WorkerSlot::in_job shows
    /// outside may enter, but finds nothing. Keeps the results of finished jobs. REQUIRES: locked;
    /// set_broken().
    void take_all_back() noexcept;
    /// The same, and blocks until work in progress is done. Only for workers that are alive.
    void drain() noexcept;
    /// Forgets all unfinished work: no worker is left to touch it.
    void discard_all() noexcept;

private:
    template <class F> std::invoke_result_t<F&> or_terminate(F&& act);
    void check_alive() const;
    void check_open() const;
    void wait_for_room(std::unique_lock<std::mutex>& lock, const std::function<bool()>& has_room);
    void collect_finished() noexcept;
    bool is_finished(ActiveJob& active_job) noexcept;

    Staff& staff_;
    std::int64_t made_ns_ = now_ns();
    PoolMemory memory_;
    SharedState& shared_;
    Notifier notifier_;
    TaskSubmitter submitter_;
    ActiveJobs jobs_;
    Recovery recovery_;
    mutable std::mutex mutex_;
    OwnerWait wait_;
    std::condition_variable discarding_; // true once discard_all() has run
    std::atomic<bool> broken_{false};
    std::string why_broken_;
    bool discarded_ = false;
    std::unique_ptr<CpuSampler> sampler_; // null without a trace; last, because it uses the others
};

} // namespace mp::detail
