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

/// Recovers the work of workers that die. Finished results stay; items not begun go back; items
/// that may have been running are run again, one at a time, or are lost. Thread-safety: protected
/// by the owner's lock; is_marked_for_kill() only reads.
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
        bool final;     // its item was run for the last time
        bool counts;    // counts as one of the runs that the item may have
        TaskSlot* task; // which it may have been running
    };
    /// A worker has ended, and no longer counts as waiting or working. Records how it ended.
    WorkerExit note_exit(unsigned worker, int status, Fate fate) noexcept;
    /// Recovers the work it had. REQUIRES: note_exit().
    void recover(unsigned worker, WorkerExit worker_exit);

    /// See Scheduler.
    void mark_for_kill(unsigned worker, Fate fate, const TaskSlot* task, std::int64_t began_ns);
    bool is_marked_for_kill(unsigned worker) const { return pending_kills_[worker].has_value(); }
    /// The slot will have another task; pending kills do not apply to it.
    void forget_task(const TaskSlot& task) noexcept;
    /// Returns whether a worker is running an item of this job.
    bool is_running(unsigned worker, JobId job) noexcept;

    /// Runs again the grains that dying thieves have left in no range. REQUIRES: the job is
    /// settled.
    void rerun_unaccounted(ActiveJob& active_job);
    /// The job has ended; some of its reruns may still be running.
    void keep_reruns(ActiveJob& active_job);
    /// Frees a note that was written here. Returns false if it was not.
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
    unsigned pending_kill_count_ = 0;                       // the number of entries set
    std::vector<SharedBlock> rerun_slots_; // memory of tasks is only ever used for tasks
    std::vector<TaskSlot*> old_reruns_;    // of jobs that have ended; some may still be running
    std::vector<std::unique_ptr<FailureNote>> failures_; // not yet released
};

} // namespace mp::detail
