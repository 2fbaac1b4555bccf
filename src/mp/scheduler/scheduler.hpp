#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "mp/arena.hpp"
#include "mp/backend.hpp"
#include "mp/error.hpp"
#include "mp/os/event.hpp"
#include "mp/scheduler/shared_state.hpp"

namespace mp::detail {

/// The owner's side of a SharedState: hands out jobs and tasks, waits for their end, says what
/// became of a dead worker's share. The same for threads and processes, which differ in how workers
/// start and end.
///
/// Thread-safety: all methods from any thread, but those that say "REQUIRES: locked", which are for
/// `look` and for who holds lock(). Of several threads that wait, one at a time watches the
/// descriptors; it wakes the others.
class Scheduler {
public:
    /// What a backend does while somebody waits; both are called locked.
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

    SharedState& shared_state() { return *shared_; }
    const os::EventFd& owner_event() const { return owner_event_; }
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

    /// A worker has ended, with this exit status, and cannot touch the shared state any more.
    /// `fate`: died or starved. REQUIRES: locked.
    void worker_lost(unsigned worker, int status, Fate fate);

    /// The owner is about to end a worker that runs `task` (for Fate::cancelled; null: something of
    /// a cancelled job) or has begun an item at `began_ns` (for timed_out). Whatever else it runs
    /// by then goes back. REQUIRES: locked.
    void mark_for_kill(unsigned worker, Fate fate, const TaskSlot* task, std::int64_t began_ns);
    bool is_marked_for_kill(unsigned worker) const { return pending_kills_[worker].has_value(); }

    /// Whether a worker is running something of this job. REQUIRES: locked.
    bool is_running(unsigned worker, JobId job) noexcept;

    /// How long this process, and with it the workers, has been stopped in all; and when it last
    /// went on.
    std::int64_t stopped_ns() const { return stopped_ns_; }
    std::int64_t resumed_ns() const { return resumed_ns_; }

    /// Whether there is work that a worker could take or has under way. REQUIRES: locked.
    bool has_work() noexcept;

    /// Tells the workers to leave when they find nothing more to do.
    void close() noexcept;

    /// Takes back what no worker has begun. After it, a worker that WorkerSlot::in_job shows
    /// outside may come in, but finds nothing. Keeps the results of jobs that are finished.
    /// REQUIRES: locked; set_broken().
    void take_all_back() noexcept;

    /// The same, and blocks until what the workers have begun is done. Only for workers that live.
    void drain() noexcept;

    /// Every wait, now or later, throws BrokenPool, for this reason, unless what it waits for is
    /// there. discard_all() must follow.
    void set_broken(const std::string& why) noexcept;

    /// Forgets all work that is not finished: no worker is left to touch it.
    void discard_all() noexcept;

private:
    struct PendingKill { // of a worker that is being ended
        Fate fate;
        const TaskSlot* task;
        std::int64_t began_ns;
    };
    struct WorkerExit {
        pid_t pid;
        int status;
        Fate fate;
        bool final;  // its item has had its last run
        bool counts; // as one of the runs that it may have
    };
    struct ActiveJob { // a job under way
        JobId id = 0;
        JobId last_id = 0;
        SharedBlock large_closure, large_flags;
        std::uint32_t first_open = 0; // all grains before it are finished or lost
        bool cancelled = false;
        bool withdrawn = false; // take_all_back() has left it incomplete
        std::uint32_t taken_back = 0;
        std::optional<FailureNote>
            first_lost;                 // the item with the lowest index that will have no result
        std::vector<Range> unaccounted; // that dead workers may have been stealing
        std::vector<TaskSlot*> reruns;  // what is run again item by item
    };

    static std::uint32_t slot_of(JobId id) { return id % SharedState::max_jobs; }
    JobSlot& job_slot(const ActiveJob& active_job) {
        return shared_->job_slots[slot_of(active_job.id)];
    }
    bool spin(const std::function<bool()>& done);
    bool wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& done,
              os::Deadline deadline);
    void check_alive() const;
    void check_open() const;
    ActiveJob* find_free_slot() noexcept;
    void notify(std::uint64_t count) noexcept;
    void notify_task() noexcept;
    void wake(std::uint64_t count) noexcept;
    void collect_finished() noexcept;
    bool is_finished(ActiveJob& active_job) noexcept;
    std::exception_ptr error_of(ActiveJob& active_job);
    void retire(ActiveJob& active_job) noexcept;
    void take_back(ActiveJob& active_job) noexcept;
    bool settled(const ActiveJob& active_job) noexcept;
    bool may_rerun(const WorkerExit& worker_exit, std::uint16_t& worker_exits) const noexcept;
    FailureNote* write_failure(std::size_t item, const WorkerExit& worker_exit);
    void record_loss(ActiveJob& active_job, std::size_t item, const WorkerExit& worker_exit);
    void mark_grains(ActiveJob& active_job, std::size_t from, std::size_t to, Flag flag) noexcept;
    void forget_failure(ActiveJob& active_job, unsigned worker, std::size_t from,
                        std::size_t to) noexcept;
    void rerun(ActiveJob& active_job, std::size_t first, std::size_t last,
               std::uint16_t worker_exits);
    bool is_being_rerun(const ActiveJob& active_job, std::uint32_t grain) const noexcept;
    void recover_job(ActiveJob& active_job, unsigned worker, const WorkerExit& worker_exit);
    void recover_tasks(unsigned worker, WorkerExit worker_exit);
    void recover_task(TaskSlot& task, unsigned worker, const WorkerExit& worker_exit);
    void recover_chunk(TaskSlot& task, unsigned worker, const WorkerExit& worker_exit);
    void enqueue(TaskSlot* task) noexcept;
    void release_segment(std::uint32_t position) noexcept;
    void split_job(const Job& job, JobSlot& to) const;

    os::EventFd owner_event_;
    Watch watch_;
    unsigned retries_;
    std::int64_t made_ns_ = now_ns();
    SharedBlock memory_, buffer_, result_heaps_;
    std::vector<SharedBlock> trace_buffers_;
    SharedState* shared_ = nullptr;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool watching_ = false;                      // a thread sleeps on the descriptors
    std::atomic<bool> all_slept_ = false;        // the latest work had to wake a worker up
    std::atomic<std::int64_t> cold_wait_ns_ = 0; // when a wait last did not spin, for that reason
    std::array<ActiveJob, SharedState::max_jobs> active_jobs_;
    JobId jobs_ = 0;
    std::uint32_t skipped_ = 0; // tasks that woke nobody, as somebody polled
    std::int64_t skipping_since_ns_ = 0;
    std::map<JobId, std::exception_ptr> finished_jobs_; // harvested, not yet finish()ed
    std::uint32_t buffer_used_ = 0;
    std::deque<TaskSlot*> to_requeue_;                      // shall stand in the queue again
    std::vector<std::optional<PendingKill>> pending_kills_; // by worker
    unsigned pending_kill_count_ = 0;                       // how many there are
    std::int64_t stopped_ns_ = 0, resumed_ns_ = 0;
    std::vector<SharedBlock> rerun_slots_;
    std::vector<TaskSlot*> old_reruns_; // of jobs that are over; some may still be running
    std::vector<std::unique_ptr<FailureNote>> own_failures_; // not yet released
    std::atomic<bool> broken_{false};
    std::string why_broken_;
    bool discarded_ = false;
};

} // namespace mp::detail
