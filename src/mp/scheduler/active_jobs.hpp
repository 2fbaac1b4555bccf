#pragma once

#include <array>
#include <exception>
#include <map>
#include <optional>
#include <span>
#include <vector>

#include "mp/arena.hpp"
#include "mp/backend.hpp"
#include "mp/scheduler/notifier.hpp"
#include "mp/scheduler/shared_state.hpp"

namespace mp::detail {

/// A job in progress, as seen by the pool's owner.
struct ActiveJob {
    JobId id = 0;
    JobId last_id = 0;
    SharedBlock large_closure, large_flags;
    std::uint32_t first_open = 0; // all grains before it are finished or lost
    bool cancelled = false;
    bool withdrawn = false; // items of it were taken back, so it stays incomplete
    std::uint32_t taken_back = 0;
    std::optional<FailureNote> first_lost; // the item with the lowest index that has no result
    std::vector<Range> unaccounted;        // ranges that dead workers may have been stealing
    std::vector<TaskSlot*> reruns;         // tasks that run again what dead workers had claimed
};

/// The jobs of a pool, from their publication until their result is taken. Thread-safety: protected
/// by the owner's lock; is_done() from any thread.
class ActiveJobs {
public:
    ActiveJobs(SharedState& shared, Notifier& notifier) : shared_(shared), notifier_(notifier) {}

    /// A slot that has no job and that no worker looks at; null: there is none now.
    ActiveJob* find_free() noexcept;
    /// Publishes a job to the workers. Errors: std::system_error, without any effect.
    JobId publish(ActiveJob& active_job, const Job& job);

    /// The slots; a slot without a job has id 0.
    std::span<ActiveJob> all() noexcept { return active_jobs_; }
    /// Null: the job has ended.
    ActiveJob* find(JobId id) noexcept;
    JobSlot& slot_of(const ActiveJob& active_job) noexcept {
        return shared_.job_slot(SharedState::slot_of(active_job.id));
    }
    std::span<JobPart> parts_of(const ActiveJob& active_job) noexcept {
        return shared_.job_parts(SharedState::slot_of(active_job.id));
    }
    /// Returns whether workers have reported all of it, or it has ended.
    bool is_done(JobId id) noexcept;
    /// Returns whether each grain is finished or lost, according to the flags.
    bool all_closed(ActiveJob& active_job) noexcept;
    /// Returns whether no worker is in the job and no grain is left to take: what is still open was
    /// lost.
    bool is_settled(const ActiveJob& active_job) noexcept;

    /// Takes back what no worker has begun.
    void take_back(ActiveJob& active_job) noexcept;
    /// The items will not be run: the job has been cancelled in the meantime.
    void give_up(ActiveJob& active_job, std::size_t first, std::size_t last) noexcept;
    /// Takes back all jobs. A worker that enters finds no job; one that is inside finds no grains.
    void withdraw_all() noexcept;

    /// The job has finished: keeps its result, and frees the slot.
    void finish(ActiveJob& active_job) noexcept;
    /// Frees the slot.
    void retire(ActiveJob& active_job) noexcept;
    /// Takes the result of a finished job: the error of the failed item with the lowest index, or
    /// null. Empty: it has not finished.
    std::optional<std::exception_ptr> take_result(JobId id);

private:
    Grains split(const Job& job) const noexcept;
    std::exception_ptr error_of(ActiveJob& active_job);

    SharedState& shared_;
    Notifier& notifier_;
    std::array<ActiveJob, SharedState::max_jobs> active_jobs_;
    JobId published_ = 0;
    std::map<JobId, std::exception_ptr> results_;
};

} // namespace mp::detail
