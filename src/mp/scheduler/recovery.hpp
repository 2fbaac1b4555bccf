#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "mp/arena.hpp"
#include "mp/backend.hpp"
#include "mp/scheduler/active_jobs.hpp"
#include "mp/scheduler/shared_state.hpp"
#include "mp/scheduler/task_submitter.hpp"

namespace mp::detail {

/// What becomes of the work of workers that die: what they had finished stays, what they had not
/// begun goes back, and what they may have been running is run again, item by item, or lost.
/// Thread-safety: as the owner's lock allows; is_marked_for_kill() reads only.
class Recovery {
public:
    Recovery(SharedState& shared, ActiveJobs& jobs, TaskSubmitter& submitter, unsigned retries)
        : shared_(shared), jobs_(jobs), submitter_(submitter), retries_(retries),
          pending_kills_(shared.workers()) {}

    /// The unexpected end of a worker.
    struct WorkerExit {
        pid_t pid;
        int status;
        Fate fate;
        bool final;     // its item has had its last run
        bool counts;    // as one of the runs that it may have
        TaskSlot* task; // which it may have been running
    };
    /// A worker has ended, and counts no more as one that waits or works. How it ended.
    WorkerExit note_exit(unsigned worker, int status, Fate fate) noexcept;
    /// Recovers what it had. REQUIRES: note_exit().
    void recover(unsigned worker, WorkerExit worker_exit);

    /// See Scheduler.
    void mark_for_kill(unsigned worker, Fate fate, const TaskSlot* task, std::int64_t began_ns);
    bool is_marked_for_kill(unsigned worker) const { return pending_kills_[worker].has_value(); }
    /// The slot will have another task; kills that are pending are not meant for that.
    void forget_task(const TaskSlot& task) noexcept;
    /// Whether a worker is running something of this job.
    bool is_running(unsigned worker, JobId job) noexcept;

    /// Runs again what workers that died while they were stealing have left in nobody's range.
    /// REQUIRES: the job is settled.
    void rerun_unaccounted(ActiveJob& active_job);
    /// The job is over; some of its reruns may still be running.
    void keep_reruns(ActiveJob& active_job);
    /// Frees a note that was written here. False: it was not.
    bool release(const void* note) noexcept;

private:
    struct PendingKill { // of a worker that is being ended
        Fate fate;
        const TaskSlot* task;
        std::int64_t began_ns;
    };

    bool may_rerun(const WorkerExit& worker_exit, std::uint16_t& worker_exits) const noexcept;
    void record_loss(ActiveJob& active_job, std::size_t item, const WorkerExit& worker_exit);
    FailureNote* write_failure(std::size_t item, const WorkerExit& worker_exit);
    void forget_failure(Progress& progress, std::size_t from, std::size_t to) noexcept;
    TaskSlot* take_slot();
    void rerun(ActiveJob& active_job, std::size_t first, std::size_t last,
               std::uint16_t worker_exits);
    bool is_being_rerun(const ActiveJob& active_job, std::size_t item) const noexcept;
    void recover_job(ActiveJob& active_job, unsigned worker, const WorkerExit& worker_exit);
    void recover_grains(ActiveJob& active_job, JobPart& part, Range claimed,
                        const WorkerExit& worker_exit);
    void recover_tasks(unsigned worker, WorkerExit worker_exit);
    bool go_on(TaskSlot& task, std::size_t reached, const WorkerExit& worker_exit) noexcept;
    void recover_task(TaskSlot& task, const Progress& progress, const WorkerExit& worker_exit);
    void recover_rerun(TaskSlot& task, unsigned worker, const WorkerExit& worker_exit);

    SharedState& shared_;
    ActiveJobs& jobs_;
    TaskSubmitter& submitter_;
    unsigned retries_;
    std::vector<std::optional<PendingKill>> pending_kills_; // by worker
    unsigned pending_kill_count_ = 0;                       // how many there are
    std::vector<SharedBlock> rerun_slots_; // memory of tasks is never anything but tasks again
    std::vector<TaskSlot*> old_reruns_;    // of jobs that are over; some may still be running
    std::vector<std::unique_ptr<FailureNote>> failures_; // not yet released
};

} // namespace mp::detail
