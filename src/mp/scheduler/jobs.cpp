// What a Scheduler has under way: jobs and tasks, from their posting to their end.

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "mp/os/futex.hpp"
#include "mp/scheduler/scheduler.hpp"

namespace mp::detail {

namespace {

// Where the pool chooses: claims start with one grain and grow while they are short.
constexpr std::size_t grains_per_worker = 512;

} // namespace

// ---- Jobs.

void Scheduler::notify(std::uint64_t count) noexcept {
    shared_->epoch.fetch_add(1, std::memory_order_seq_cst);
    wake(count);
}

// A worker that is awake looks at the queue before it sleeps; the event is for those that do. While
// one is awake, another that polls need not be woken: if the first is busy, it will come soon. If
// it does not, it was stopped, and others are called.
void Scheduler::notify_task() noexcept {
    const std::uint32_t waiters = shared_->waiters.load(std::memory_order_seq_cst);
    if (waiters == 0) return;
    if (waiters < shared_->processes && shared_->pollers.load(std::memory_order_seq_cst) != 0) {
        if (++skipped_ % 16 != 0) return; // the clock takes its time, too
        const std::int64_t now = now_ns();
        if (now - skipping_since_ns_ < 2 * cold_ns) return;
        skipping_since_ns_ = now;
    }
    shared_->epoch.fetch_add(1, std::memory_order_seq_cst);
    wake(1);
}

void Scheduler::wake(std::uint64_t count) noexcept {
    if (shared_->waiters.load(std::memory_order_seq_cst) == 0) return;
    // Who spins comes by itself, but only once: its bit is taken, so that the next announcement
    // does not count on it as well.
    std::uint64_t spinning = shared_->spinners.load(std::memory_order_seq_cst);
    for (; count != 0 && spinning != 0; spinning &= spinning - 1) {
        const std::uint64_t bit = spinning & (~spinning + 1);
        if ((shared_->spinners.fetch_and(~bit, std::memory_order_seq_cst) & bit) != 0) --count;
    }
    if (count == 0) return;
    if (shared_->waiters.load(std::memory_order_relaxed) >= shared_->processes) all_slept_ = true;
    os::futex_wake(shared_->epoch,
                   static_cast<int>(std::min<std::uint64_t>(count, shared_->processes)));
}

// A slot that no job has and no worker looks at.
Scheduler::ActiveJob* Scheduler::find_free_slot() noexcept {
    for (ActiveJob& active_job : active_jobs_) {
        if (active_job.id != 0) continue;
        bool watched = false;
        for (unsigned i = 0; active_job.last_id != 0 && i < shared_->processes; ++i)
            watched = watched || shared_->worker_slots[i].in_job.load(std::memory_order_seq_cst) ==
                                     active_job.last_id;
        if (!watched) return &active_job;
    }
    return nullptr;
}

void Scheduler::split_job(const Job& job, JobSlot& to) const {
    std::size_t grain = job.chunksize;
    to.adaptive = grain == 0;
    if (grain == 0) grain = (job.size - 1) / (grains_per_worker * shared_->processes) + 1;
    // A range has 32 bits for a grain's number.
    constexpr std::size_t most = ~std::uint32_t{0} - 1;
    to.grain = std::max(std::min(grain, job.size), (job.size - 1) / most + 1);
    to.grains = static_cast<std::uint32_t>((job.size - 1) / to.grain + 1);
}

JobId Scheduler::post(const Job& job) {
    std::unique_lock lock(mutex_);
    ActiveJob* active_job = nullptr;
    const auto room = [&] { return (active_job = find_free_slot()) != nullptr; };
    while (!room()) {
        // Who looks at an old job will look away soon, without a word.
        const auto soon = os::Clock::now() + std::chrono::milliseconds(1);
        wait(lock, room, soon);
    }
    check_open();
    const auto slot = static_cast<std::uint32_t>(active_job - active_jobs_.data());
    if (++jobs_ >= ~JobId{0} / SharedState::max_jobs) jobs_ = 1;
    const JobId id = jobs_ * SharedState::max_jobs + slot;

    JobSlot& job_slot = shared_->job_slots[slot];
    job_slot.job = job;
    split_job(job, job_slot);
    if (job.closure_size <= inline_closure) {
        std::memcpy(job_slot.closure, job.closure, job.closure_size);
        job_slot.job.closure = job_slot.closure;
    } else {
        active_job->large_closure = SharedArena::own().take(job.closure_size);
        std::memcpy(active_job->large_closure.data(), job.closure, job.closure_size);
        job_slot.job.closure = active_job->large_closure.data();
    }
    job_slot.flags = job_slot.small_flags;
    if (job_slot.grains > inline_flags) {
        active_job->large_flags = SharedArena::own().take(job_slot.grains);
        job_slot.flags =
            reinterpret_cast<std::atomic<std::uint8_t>*>(active_job->large_flags.data());
    }
    std::memset(static_cast<void*>(job_slot.flags), open_grain, job_slot.grains);
    job_slot.done.store(0, std::memory_order_relaxed);
    job_slot.audit.store(false, std::memory_order_relaxed);

    const std::uint64_t workers = shared_->processes;
    for (unsigned i = 0; i < workers; ++i) {
        RangeDeque& deque = shared_->deque(slot, i);
        const auto low = static_cast<std::uint32_t>(job_slot.grains * std::uint64_t{i} / workers);
        const auto high =
            static_cast<std::uint32_t>(job_slot.grains * (std::uint64_t{i} + 1) / workers);
        deque.base.store(low, std::memory_order_relaxed);
        deque.reached.store(0, std::memory_order_relaxed);
        deque.stealing.store(0, std::memory_order_relaxed);
        deque.failure.store(nullptr, std::memory_order_relaxed);
        deque.range.store(Range{low, high}.word(), std::memory_order_release);
    }
    active_job->id = active_job->last_id = id;
    active_job->first_open = active_job->taken_back = 0;
    active_job->cancelled = active_job->withdrawn = false;
    job_slot.id.store(id, std::memory_order_seq_cst);
    shared_->active.fetch_or(1U << slot, std::memory_order_seq_cst);
    notify(job_slot.grains);
    return id;
}

bool Scheduler::finished(JobId id) noexcept {
    const JobSlot& there = shared_->job_slots[slot_of(id)];
    // In one order with owner_waiting: see Scheduler::wait.
    return there.id.load(std::memory_order_seq_cst) != id || // it has landed
           there.done.load(std::memory_order_seq_cst) == there.grains.load();
}

void Scheduler::finish(JobId id) {
    std::exception_ptr error;
    {
        std::unique_lock lock(mutex_);
        collect_finished();
        auto found = finished_jobs_.find(id);
        if (found == finished_jobs_.end() && broken_) { // workers may still be busy with it
            changed_.wait(lock, [this] { return discarded_; });
            found = finished_jobs_.find(id);
        }
        if (found == finished_jobs_.end()) check_alive();
        if (found == finished_jobs_.end())
            throw std::logic_error("mp: a job is finished that is still under way");
        error = found->second;
        finished_jobs_.erase(found);
    }
    if (error) std::rethrow_exception(error);
}

void Scheduler::collect_finished() noexcept {
    for (std::uint32_t active = shared_->active.load(std::memory_order_relaxed); active != 0;
         active &= active - 1)
        if (ActiveJob& active_job =
                active_jobs_[static_cast<std::size_t>(std::countr_zero(active))];
            is_finished(active_job)) {
            std::exception_ptr error = error_of(active_job);
            finished_jobs_.emplace(active_job.id, std::move(error));
            retire(active_job);
        }
    while (!to_requeue_.empty() &&
           shared_->queue.at(shared_->queue.published.load()).load() == nullptr) {
        enqueue(to_requeue_.front());
        notify_task();
        to_requeue_.pop_front();
    }
}

bool Scheduler::is_finished(ActiveJob& active_job) noexcept {
    if (active_job.withdrawn) return false;
    JobSlot& there = job_slot(active_job);
    if (there.done.load(std::memory_order_seq_cst) == there.grains.load()) return true;
    if (!there.audit.load(std::memory_order_relaxed)) return false;
    if (active_job.cancelled) take_back(active_job); // a thief may have brought a range home since
    // A dead worker took its count of finished grains with it: the flags tell.
    std::uint32_t& open = active_job.first_open;
    const auto skip = [&] {
        while (open < there.grains &&
               there.flags[open].load(std::memory_order_acquire) != open_grain)
            ++open;
        return open == there.grains;
    };
    if (skip()) return true;
    if (active_job.unaccounted.empty() || !settled(active_job)) return false;
    for (const Range& range : std::exchange(active_job.unaccounted, {}))
        for (std::uint32_t grain = range.low; grain < range.high; ++grain) {
            if (there.flags[grain].load(std::memory_order_acquire) != open_grain ||
                is_being_rerun(active_job, grain))
                continue;
            const std::size_t first = grain * there.grain;
            rerun(active_job, first, std::min(first + there.grain, there.job.size), 0);
        }
    return skip();
}

// Only the failed item with the lowest index is told of.
std::exception_ptr Scheduler::error_of(ActiveJob& active_job) {
    const FailureNote* failed = nullptr;
    for (unsigned i = 0; i < shared_->processes; ++i) {
        const FailureNote* note =
            shared_->deque(slot_of(active_job.id), i).failure.load(std::memory_order_acquire);
        if (note != nullptr && (failed == nullptr || note->item < failed->item)) failed = note;
    }
    std::exception_ptr error;
    if (active_job.first_lost && (failed == nullptr || active_job.first_lost->item < failed->item))
        error = detail::error_of(*active_job.first_lost);
    else if (failed != nullptr)
        error = detail::error_of(*failed);
    else if (active_job.taken_back != 0)
        error = std::make_exception_ptr(Cancelled());
    for (unsigned i = 0; i < shared_->processes; ++i)
        (void)shared_->release(shared_->deque(slot_of(active_job.id), i).failure.load());
    return error;
}

void Scheduler::retire(ActiveJob& active_job) noexcept {
    const std::uint32_t slot = slot_of(active_job.id);
    shared_->active.fetch_and(~(1U << slot), std::memory_order_seq_cst);
    shared_->job_slots[slot].id.store(0, std::memory_order_seq_cst);
    active_job.id = 0;
    active_job.first_lost.reset();
    active_job.unaccounted.clear();
    old_reruns_.insert(old_reruns_.end(), active_job.reruns.begin(), active_job.reruns.end());
    active_job.reruns.clear();
    active_job.large_closure = {};
    active_job.large_flags = {};
}

void Scheduler::take_back(ActiveJob& active_job) noexcept {
    JobSlot& there = job_slot(active_job);
    for (unsigned i = 0; i < shared_->processes; ++i) {
        const Range range = Range::of(shared_->deque(slot_of(active_job.id), i).range.exchange(0));
        for (std::uint32_t grain = range.low; grain < range.high; ++grain)
            there.flags[grain].store(lost_grain, std::memory_order_release);
        active_job.taken_back += range.size();
    }
    for (TaskSlot* task : active_job.reruns) {
        auto open = static_cast<std::uint32_t>(TaskState::open);
        if (!task->state.compare_exchange_strong(open,
                                                 static_cast<std::uint32_t>(TaskState::cancelled)))
            continue;
        const TaskFrame& frame = TaskFrame::of(*task);
        mark_grains(active_job, frame.next, frame.end, lost_grain);
        ++active_job.taken_back;
    }
}

void Scheduler::cancel(JobId id) noexcept {
    const std::lock_guard lock(mutex_);
    for (ActiveJob& active_job : active_jobs_) {
        if (active_job.id != id) continue;
        active_job.cancelled = true;
        job_slot(active_job).audit.store(true, std::memory_order_seq_cst);
        take_back(active_job);
    }
    changed_.notify_all();
    owner_event_.notify();
}

// ---- Tasks.

// A part of the ring that has been worked off gives its pages back, so that a long walk needs no
// more memory than a short one.
void Scheduler::release_segment(std::uint32_t position) noexcept {
    const std::uint32_t first = position % TaskQueue::capacity;
    if (first >= buffer_used_) return; // never used
    for (std::uint32_t i = 0; i < TaskQueue::segment; ++i)
        if (shared_->queue.buffer[first + i].load(std::memory_order_acquire) != nullptr) return;
    SharedArena::drop(buffer_.data() + first * sizeof(std::atomic<TaskSlot*>),
                      TaskQueue::segment * sizeof(std::atomic<TaskSlot*>));
}

void Scheduler::enqueue(TaskSlot* task) noexcept {
    TaskQueue& queue = shared_->queue;
    const std::uint32_t at = queue.published.load(std::memory_order_relaxed);
    if (at % TaskQueue::segment == 0) release_segment(at - 2 * TaskQueue::segment);
    queue.at(at).store(task, std::memory_order_relaxed);
    queue.published.store(at + 1, std::memory_order_seq_cst);
    buffer_used_ = std::max(buffer_used_, at % TaskQueue::capacity + 1);
}

void Scheduler::submit(TaskSlot& task) {
    std::unique_lock lock(mutex_);
    TaskQueue& queue = shared_->queue;
    const auto room = [&] {
        return to_requeue_.empty() && queue.at(queue.published.load(std::memory_order_relaxed))
                                              .load(std::memory_order_acquire) == nullptr;
    };
    while (!room()) {
        const auto soon = os::Clock::now() + std::chrono::milliseconds(1);
        wait(lock, room, soon);
    }
    check_open();
    if (pending_kill_count_ != 0)
        for (auto& pending_kill : pending_kills_) // that was another task, in the same memory
            if (pending_kill && pending_kill->task == &task) pending_kill->task = nullptr;
    enqueue(&task);
    notify_task();
}

void Scheduler::release(const void* data) noexcept {
    if (data == nullptr || shared_->release(data)) return;
    const std::lock_guard lock(mutex_);
    std::erase_if(own_failures_, [data](const auto& own) { return own.get() == data; });
}

} // namespace mp::detail
