#include "mp/scheduler/active_jobs.hpp"

#include <algorithm>

#include "mp/error.hpp"
#include "mp/scheduler/rerun.hpp"

namespace mp::detail {

namespace {

// If the pool chooses: claims start with one grain and grow while they are short.
constexpr std::size_t grains_per_worker = 512;
constexpr std::size_t largest_grain = std::size_t{1} << 31; // a task counts its items in 32 bits

} // namespace

ActiveJob* ActiveJobs::find_free() noexcept {
    for (ActiveJob& active_job : active_jobs_) {
        if (active_job.id != 0) continue;
        const auto is_in = [&](const WorkerSlot& worker_slot) {
            return worker_slot.in_job() == active_job.last_id;
        };
        if (active_job.last_id == 0 || std::ranges::none_of(shared_.worker_slots(), is_in))
            return &active_job;
    }
    return nullptr;
}

Grains ActiveJobs::split(const Job& job) const noexcept {
    std::size_t size = job.chunksize;
    const bool adaptive = size == 0;
    if (adaptive) size = (job.size - 1) / (grains_per_worker * shared_.workers()) + 1;
    // A range has 32 bits for the number of a grain.
    constexpr std::size_t most = ~std::uint32_t{0} - 1;
    size = std::max(std::min({size, job.size, largest_grain}), (job.size - 1) / most + 1);
    return {size, static_cast<std::uint32_t>((job.size - 1) / size + 1), adaptive};
}

JobId ActiveJobs::publish(ActiveJob& active_job, const Job& job) {
    const auto slot = static_cast<std::uint32_t>(&active_job - active_jobs_.data());
    const Grains grains = split(job);
    SharedBlock closure, flags;
    if (job.closure_size > JobSlot::inline_closure)
        closure = SharedArena::own().take(job.closure_size);
    if (grains.count > JobSlot::inline_flags) flags = SharedArena::own().take(grains.count);

    if (++published_ >= ~JobId{0} / SharedState::max_jobs) published_ = 1;
    const JobId id = published_ * SharedState::max_jobs + slot;
    JobSlot& job_slot = shared_.job_slot(slot);
    job_slot.fill(job, grains, closure.data(), reinterpret_cast<JobSlot::Flag*>(flags.data()));
    const std::span<JobPart> parts = shared_.job_parts(slot);
    const auto begin_of = [&](std::uint64_t worker) {
        return static_cast<std::uint32_t>(grains.count * worker / parts.size());
    };
    for (std::size_t i = 0; i < parts.size(); ++i) {
        parts[i].progress.reset();
        parts[i].deque.push({begin_of(i), begin_of(i + 1)});
    }
    active_job.id = active_job.last_id = id;
    active_job.large_closure = std::move(closure);
    active_job.large_flags = std::move(flags);
    active_job.first_open = active_job.taken_back = 0;
    active_job.cancelled = active_job.withdrawn = false;
    job_slot.publish(id);
    shared_.activate(slot);
    notifier_.notify(grains.count);
    return id;
}

ActiveJob* ActiveJobs::find(JobId id) noexcept {
    ActiveJob& active_job = active_jobs_[SharedState::slot_of(id)];
    return id != 0 && active_job.id == id ? &active_job : nullptr;
}

bool ActiveJobs::is_done(JobId id) noexcept {
    const JobSlot& job_slot = shared_.job_slot(SharedState::slot_of(id));
    // Called without the lock: meanwhile another thread may collect the job and give its slot to a
    // new one, whose count says nothing about this job.
    return job_slot.id() != id || job_slot.all_reported() || job_slot.id() != id;
}

bool ActiveJobs::all_closed(ActiveJob& active_job) noexcept {
    const JobSlot& job_slot = slot_of(active_job);
    std::uint32_t& open = active_job.first_open;
    while (open < job_slot.grains().count && !job_slot.is_open(open)) ++open;
    return open == job_slot.grains().count;
}

bool ActiveJobs::is_settled(const ActiveJob& active_job) noexcept {
    return detail::is_settled(
        active_job.id, shared_.workers(),
        [&](unsigned worker) -> const Visits& { return shared_.worker_slot(worker).visits(); },
        [&](unsigned worker) -> const RangeDeque& { return parts_of(active_job)[worker].deque; });
}

void ActiveJobs::give_up(ActiveJob& active_job, std::size_t first, std::size_t last) noexcept {
    slot_of(active_job).mark_items(first, last, GrainState::lost);
    ++active_job.taken_back;
}

void ActiveJobs::take_back(ActiveJob& active_job) noexcept {
    for (JobPart& part : parts_of(active_job)) {
        const Range range = part.deque.take_back();
        slot_of(active_job).mark(range, GrainState::lost);
        active_job.taken_back += range.size();
    }
    for (TaskSlot* task : active_job.reruns) {
        if (!task->status.try_cancel()) continue;
        const Rerun& rerun = Rerun::of(*task);
        give_up(active_job, rerun.next(), rerun.end());
    }
}

void ActiveJobs::withdraw_all() noexcept {
    // No worker enters any more; then the ranges of those inside are emptied.
    for (const ActiveJob& active_job : active_jobs_)
        if (active_job.id != 0) slot_of(active_job).withdraw();
    for (ActiveJob& active_job : active_jobs_) {
        if (active_job.id == 0) continue;
        const std::uint32_t before = active_job.taken_back;
        take_back(active_job);
        // A job that the user had cancelled still finishes, as cancelled.
        active_job.withdrawn |= !active_job.cancelled && active_job.taken_back != before;
    }
}

// If several items failed, only the one with the lowest index is reported.
std::exception_ptr ActiveJobs::error_of(ActiveJob& active_job) {
    const FailureNote* failed = nullptr;
    for (const JobPart& part : parts_of(active_job)) {
        const FailureNote* const note = part.progress.failure();
        if (note != nullptr && (failed == nullptr || note->item < failed->item)) failed = note;
    }
    const auto& lost = active_job.first_lost;
    if (lost && (failed == nullptr || lost->item < failed->item)) failed = &*lost;
    std::exception_ptr error;
    if (failed != nullptr)
        error = detail::error_of(*failed);
    else if (active_job.taken_back != 0)
        error = std::make_exception_ptr(Cancelled());
    for (const JobPart& part : parts_of(active_job)) (void)shared_.release(part.progress.failure());
    return error;
}

void ActiveJobs::finish(ActiveJob& active_job) noexcept {
    results_.emplace(active_job.id, error_of(active_job));
    retire(active_job);
}

void ActiveJobs::retire(ActiveJob& active_job) noexcept {
    shared_.deactivate(SharedState::slot_of(active_job.id));
    slot_of(active_job).withdraw();
    active_job.id = 0;
    active_job.first_lost.reset();
    active_job.unaccounted.clear();
    active_job.large_closure = {};
    active_job.large_flags = {};
}

std::optional<std::exception_ptr> ActiveJobs::take_result(JobId id) {
    const auto found = results_.find(id);
    if (found == results_.end()) return std::nullopt;
    std::exception_ptr result = found->second;
    results_.erase(found);
    return result;
}

} // namespace mp::detail
