#include "mp/scheduler/scheduler.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <utility>

#include "mp/error.hpp"
#include "mp/interrupt.hpp"
#include "mp/interrupt_event.hpp"

namespace mp::detail {

Scheduler::Scheduler(const BackendOptions& options, Staff& staff)
    : staff_(staff), memory_(((void)interrupt_event(), options), made_ns_),
      shared_(memory_.shared()), notifier_(shared_.events()),
      submitter_(shared_.queue(), notifier_), jobs_(shared_, notifier_),
      recovery_(shared_, jobs_, submitter_, options.retries),
      wait_(shared_.events(), shared_.owner_event(), notifier_,
            {[this]() -> auto& { return staff_.descriptors(); }, [this] { staff_.look(); },
             [this] { return staff_.look_by(); }, [this] { collect_finished(); },
             [this] { check_alive(); }}) {}

Scheduler::~Scheduler() { discard_all(); }

// ---- Jobs and tasks.

void Scheduler::check_alive() const {
    if (interrupted()) throw Interrupted();
    if (broken_.load()) throw BrokenPool(why_broken_);
    if (discarded_) throw BrokenPool("mp: the pool was terminated");
}

void Scheduler::check_open() const {
    check_alive();
    if (shared_.is_closed()) throw std::logic_error("mp::Pool: used after close()");
}

// A worker that makes room does not notify the owner, so the owner checks again by itself.
void Scheduler::wait_for_room(std::unique_lock<std::mutex>& lock,
                              const std::function<bool()>& has_room) {
    while (!has_room()) {
        const auto soon = os::Clock::now() + std::chrono::milliseconds(1);
        wait_.wait(lock, has_room, soon);
    }
}

// Whatever interrupts a wait: the workers must have ended before the caller gets the work's memory
// back.
template <class F> std::invoke_result_t<F&> Scheduler::or_terminate(F&& act) {
    try {
        return act();
    } catch (const BrokenPool& error) {
        staff_.terminate(error.what());
        throw;
    } catch (const Interrupted&) {
        staff_.terminate("mp: the pool was terminated");
        throw;
    }
}

JobId Scheduler::post(const Job& job) {
    return or_terminate([&] {
        std::unique_lock lock(mutex_);
        ActiveJob* active_job = nullptr;
        wait_for_room(lock, [&] { return (active_job = jobs_.find_free()) != nullptr; });
        check_open();
        return jobs_.publish(*active_job, job);
    });
}

bool Scheduler::finished(JobId job) noexcept { return jobs_.is_done(job); }

void Scheduler::finish(JobId job) {
    std::optional<std::exception_ptr> result;
    {
        std::unique_lock lock(mutex_);
        collect_finished();
        result = jobs_.take_result(job);
        if (!result && broken_) { // workers may still be using it
            discarding_.wait(lock, [this] { return discarded_; });
            result = jobs_.take_result(job);
        }
        if (!result) check_alive();
        if (!result) throw std::logic_error("mp: a job was finished that is still in progress");
    }
    if (*result) std::rethrow_exception(*result);
}

void Scheduler::cancel(JobId job) noexcept {
    const std::lock_guard lock(mutex_);
    if (ActiveJob* const active_job = jobs_.find(job)) {
        active_job->cancelled = true;
        jobs_.slot_of(*active_job).begin_audit();
        jobs_.take_back(*active_job);
    }
    wait_.notify();
}

void Scheduler::stop(JobId job) noexcept {
    const std::lock_guard lock(mutex_);
    for (unsigned i = 0; i < shared_.workers(); ++i)
        if (recovery_.is_running(i, job)) (void)end_worker(i, Fate::cancelled, nullptr, 0);
}

void Scheduler::submit(TaskSlot& task) {
    or_terminate([&] {
        std::unique_lock lock(mutex_);
        if (!submitter_.has_room()) wait_for_room(lock, [&] { return submitter_.has_room(); });
        check_open();
        recovery_.forget_task(task);
        submitter_.submit(task);
    });
}

bool Scheduler::stop(TaskSlot& task) noexcept {
    const std::lock_guard lock(mutex_);
    const std::optional<unsigned> worker = task.status.worker();
    return worker && end_worker(*worker, Fate::cancelled, &task, 0);
}

void Scheduler::release(const void* data) noexcept {
    if (data == nullptr || shared_.release(data)) return;
    const std::lock_guard lock(mutex_);
    (void)recovery_.release(data);
}

void Scheduler::collect_finished() noexcept {
    for (std::uint32_t active = shared_.active_jobs(); active != 0; active &= active - 1) {
        ActiveJob& active_job = jobs_.all()[static_cast<std::size_t>(std::countr_zero(active))];
        if (!is_finished(active_job)) continue;
        recovery_.keep_reruns(active_job);
        jobs_.finish(active_job);
    }
    submitter_.submit_requeued();
}

bool Scheduler::is_finished(ActiveJob& active_job) noexcept {
    if (active_job.withdrawn) return false;
    const JobSlot& job_slot = jobs_.slot_of(active_job);
    if (job_slot.all_reported()) return true;
    if (!job_slot.is_audited()) return false;
    // A thief may have stored a range since.
    if (active_job.cancelled) jobs_.take_back(active_job);
    // A dead worker's count of finished grains is lost: the flags decide.
    if (jobs_.all_closed(active_job)) return true;
    if (active_job.unaccounted.empty() || !jobs_.is_settled(active_job)) return false;
    recovery_.rerun_unaccounted(active_job);
    return jobs_.all_closed(active_job);
}

// ---- Waiting.

bool Scheduler::wait(const std::function<bool()>& done, os::Deadline deadline) {
    return or_terminate([&] {
        const bool in_time = !deadline || os::Clock::now() < *deadline;
        if (in_time ? wait_.spin(done) : done()) return true;
        std::unique_lock lock(mutex_);
        return wait_.wait(lock, done, deadline);
    });
}

// ---- Workers that end.

bool Scheduler::end_worker(unsigned worker, Fate fate, const TaskSlot* task,
                           std::int64_t began_ns) noexcept {
    const bool ending = is_marked_for_kill(worker);
    if (!ending && !staff_.end_worker(worker)) return false;
    recovery_.mark_for_kill(worker, fate, task, began_ns);
    if (!ending) owner_event().notify(); // a waiting thread learns the deadline
    return true;
}

void Scheduler::worker_lost(unsigned worker, int status, Fate fate) {
    const Recovery::WorkerExit worker_exit = recovery_.note_exit(worker, status, fate);
    if (broken_) return; // no caller will collect the results of its work
    recovery_.recover(worker, worker_exit);
    collect_finished();
    notifier_.notify(shared_.workers() + 64U); // all workers may take what was given back
}

bool Scheduler::has_work() noexcept {
    collect_finished();
    return submitter_.has_requeued() || shared_.active_jobs() != 0 ||
           shared_.queue().has_unclaimed() ||
           std::ranges::any_of(shared_.task_parts(),
                               [](const JobPart& part) { return part.deque.is_in_use(); });
}

// ---- The end.

void Scheduler::set_broken(const std::string& why) noexcept {
    {
        const std::lock_guard lock(mutex_);
        if (!broken_) why_broken_ = why;
        broken_ = true;
    }
    wait_.notify();
}

void Scheduler::take_all_back() noexcept {
    collect_finished();
    submitter_.forget_requeued();
    shared_.queue().discard_unclaimed();
    jobs_.withdraw_all();
    for (JobPart& part : shared_.task_parts()) (void)part.deque.take_back();
}

void Scheduler::drain() noexcept {
    std::unique_lock lock(mutex_);
    const auto busy = [&] {
        take_all_back(); // repeated each time: a thief may have stored a range since
        return std::ranges::any_of(shared_.worker_slots(),
                                   [](const WorkerSlot& each) { return each.in_job() != 0; });
    };
    while (busy()) {
        lock.unlock();
        std::this_thread::sleep_for(std::chrono::microseconds(100));
        lock.lock();
    }
    lock.unlock();
    discard_all();
}

void Scheduler::discard_all() noexcept {
    {
        const std::lock_guard lock(mutex_);
        discarded_ = true;
        for (ActiveJob& active_job : jobs_.all())
            active_job.unaccounted.clear(); // no worker will handle them
        collect_finished();
        submitter_.forget_requeued();
        for (ActiveJob& active_job : jobs_.all())
            if (active_job.id != 0) {
                recovery_.keep_reruns(active_job);
                jobs_.retire(active_job);
            }
    }
    discarding_.notify_all();
    wait_.notify();
}

// ---- Reports.

std::vector<WorkerStats> Scheduler::stats() const {
    std::vector<WorkerStats> all;
    for (const WorkerSlot& worker_slot : shared_.worker_slots()) {
        WorkerStats stats = worker_slot.counters().read(worker_slot.cpu_times());
        stats.index = static_cast<unsigned>(all.size());
        stats.pid = worker_slot.pid();
        all.push_back(stats);
    }
    return all;
}

void Scheduler::start_sampling() {
    if (shared_.worker_slot(0).trace_buffer() == nullptr) return;
    sampler_ = std::make_unique<CpuSampler>(shared_.workers(), [this](unsigned worker) {
        const std::lock_guard lock(mutex_); // no worker is replaced meanwhile
        return shared_.worker_slot(worker).cpu_times();
    });
}

std::vector<Span> Scheduler::trace() const {
    std::vector<Span> spans;
    unsigned worker = 0;
    for (const WorkerSlot& worker_slot : shared_.worker_slots()) {
        if (worker_slot.trace_buffer() != nullptr)
            append_spans(spans, worker, worker_slot.pid(), made_ns_, worker_slot.counters(),
                         *worker_slot.trace_buffer(),
                         sampler_ ? sampler_->read(worker) : std::vector<CpuSample>());
        ++worker;
    }
    for (Span& span : spans) span.job /= SharedState::max_jobs; // ids include the slot
    return spans;
}

} // namespace mp::detail
