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

/// Whoever starts, ends and reaps the workers, as a Scheduler knows it. All but terminate() are
/// called locked.
class Staff {
public:
    virtual ~Staff() = default;

    /// What a thread that waits watches as well.
    virtual std::vector<os::Watched>& descriptors() noexcept = 0;
    /// One of them is ready, or something else has happened. May throw, which ends the wait.
    virtual void look() = 0;
    /// When to look at the latest, whatever happens.
    virtual os::Deadline look_by() noexcept = 0;
    /// Asks a worker to end, and sees to it that it does. False: it cannot be ended, or there is
    /// none.
    virtual bool end_worker(unsigned worker) noexcept = 0;
    /// Ends all workers: the pool is broken, for this reason.
    virtual void terminate(const std::string& why) noexcept = 0;
};

/// The owner's side of a SharedState: hands out jobs and tasks, waits for their end, and recovers
/// what workers that die have left. The same for threads and processes, which differ in how workers
/// start and end.
///
/// Thread-safety: all methods from any thread, but those that say "REQUIRES: locked", which are for
/// `look` and for holders of lock().
class Scheduler final : public Executor {
public:
    /// `staff`: whoever has the workers; it must outlive this. Errors: std::system_error.
    Scheduler(const BackendOptions& options, Staff& staff);
    ~Scheduler() override;
    Scheduler(const Scheduler&) = delete;
    Scheduler& operator=(const Scheduler&) = delete;

    SharedState& shared_state() { return memory_.shared(); }
    const os::EventFd& owner_event() const { return wait_.descriptor(); }
    std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

    /// Before post(), submit() or wait() ends by BrokenPool or Interrupted, the workers are gone:
    /// no memory of the work is used any more.
    JobId post(const Job& job) override;
    bool finished(JobId job) noexcept override;
    void finish(JobId job) override;
    void cancel(JobId job) noexcept override;
    void stop(JobId job) noexcept override;
    void submit(TaskSlot& task) override;
    bool stop(TaskSlot& task) noexcept override;
    /// `done` is called unlocked first, then locked. Errors: what Staff::look() throws, too.
    bool wait(const std::function<bool()>& done, os::Deadline deadline) override;
    void release(const void* data) noexcept override;
    std::vector<WorkerStats> stats() const;
    std::vector<Span> trace() const;
    /// The workers have started: where there is a trace, samples their CPU times for it.
    void start_sampling();

    /// See OwnerWait.
    std::int64_t stopped_ns() const { return wait_.stopped_ns(); }
    std::int64_t resumed_ns() const { return wait_.resumed_ns(); }

    /// A worker has ended, with this exit status, and cannot touch the shared state any more.
    /// `fate`: died or starved. REQUIRES: locked.
    void worker_lost(unsigned worker, int status, Fate fate);
    /// Ends a worker that runs `task` (for Fate::cancelled; null: something of a cancelled job) or
    /// has begun an item at `began_ns` (for timed_out). Whatever else it runs by then goes back.
    /// False: it cannot be ended. REQUIRES: locked.
    bool end_worker(unsigned worker, Fate fate, const TaskSlot* task,
                    std::int64_t began_ns) noexcept;
    bool is_marked_for_kill(unsigned worker) const { return recovery_.is_marked_for_kill(worker); }
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
    std::condition_variable discarding_; // discard_all() has run
    std::atomic<bool> broken_{false};
    std::string why_broken_;
    bool discarded_ = false;
    std::unique_ptr<CpuSampler> sampler_; // null without a trace; last, as it uses the others
};

} // namespace mp::detail
