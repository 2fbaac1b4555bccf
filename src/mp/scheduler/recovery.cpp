// What becomes of a dead worker's share.

#include "mp/scheduler/scheduler.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>
#include <utility>

namespace mp::detail {

// Whether the item that the worker died of shall be run again; counts its deaths.
bool Scheduler::may_rerun(const WorkerExit& worker_exit,
                          std::uint16_t& worker_exits) const noexcept {
    if (worker_exit.final) return false;
    if (!worker_exit.counts) return true;
    constexpr auto most = std::numeric_limits<std::uint16_t>::max();
    worker_exits = worker_exits == most ? most : static_cast<std::uint16_t>(worker_exits + 1);
    return worker_exits <= retries_;
}

// ---- What it had of a job.

void Scheduler::record_loss(ActiveJob& active_job, std::size_t item,
                            const WorkerExit& worker_exit) {
    if (!active_job.first_lost || item < active_job.first_lost->item)
        active_job.first_lost =
            FailureNote{item, worker_exit.pid, worker_exit.fate, worker_exit.status, 0, 0, nullptr};
}

// All grains that end within from .. to - 1.
void Scheduler::mark_grains(ActiveJob& active_job, std::size_t from, std::size_t to,
                            Flag flag) noexcept {
    JobSlot& there = job_slot(active_job);
    for (std::size_t grain = from / there.grain; grain * there.grain < to; ++grain)
        if (std::min((grain + 1) * there.grain, there.job.size) <= to)
            there.flags[grain].store(flag, std::memory_order_release);
}

// The items from .. to - 1 are run again: what the worker wrote down of their failure is void.
void Scheduler::forget_failure(ActiveJob& active_job, unsigned worker, std::size_t from,
                               std::size_t to) noexcept {
    RangeDeque& deque = shared_->deque(slot_of(active_job.id), worker);
    const FailureNote* note = deque.failure.load(std::memory_order_acquire);
    if (note == nullptr || note->item < from || note->item >= to) return;
    deque.failure.store(nullptr);
    (void)shared_->release(note);
}

// A task that runs the items first .. last - 1, one by one. `last` is the end of a grain, and so is
// that of all grains before it.
void Scheduler::rerun(ActiveJob& active_job, std::size_t first, std::size_t last,
                      std::uint16_t worker_exits) {
    if (active_job.cancelled) {
        mark_grains(active_job, first, last, lost_grain);
        ++active_job.taken_back;
        return;
    }
    if (first == last) return;
    const auto used =
        std::ranges::find_if(old_reruns_, [](const TaskSlot* t) { return t->done(); });
    TaskSlot* task = nullptr;
    if (used != old_reruns_.end()) {
        task = *used;
        old_reruns_.erase(used);
    } else {
        try {
            // Memory of tasks is never anything but tasks again: see Core::free_tasks_.
            rerun_slots_.push_back(SharedArena::own().take(sizeof(TaskSlot) + sizeof(TaskFrame)));
        } catch (const std::exception&) {
            record_loss(active_job, first, {0, ENOMEM, Fate::starved, true, false});
            return mark_grains(active_job, first, last, lost_grain);
        }
        task = ::new (rerun_slots_.back().data()) TaskSlot{};
    }
    task->kind = TaskKind::chunk;
    task->worker_exits = worker_exits;
    task->failure = nullptr;
    task->items = static_cast<std::uint32_t>(last - first);
    task->first = static_cast<std::uint32_t>(first);
    TaskFrame::of(*task) = {
        .next = first, .end = last, .first = first, .failures = nullptr, .job = active_job.id};
    task->state.store(static_cast<std::uint32_t>(TaskState::open), std::memory_order_release);
    active_job.reruns.push_back(task);
    to_requeue_.push_back(task);
}

bool Scheduler::is_being_rerun(const ActiveJob& active_job, std::uint32_t grain) const noexcept {
    const std::size_t item = grain * shared_->job_slots[slot_of(active_job.id)].grain;
    return std::ranges::any_of(active_job.reruns, [item](TaskSlot* task) {
        const TaskFrame& frame = TaskFrame::of(*task);
        return !task->done() && item >= frame.first && item < frame.end;
    });
}

// What the worker had claimed is base .. low - 1. Of the items that it has not finished some may
// have been begun: these are run again. The rest goes back to where it was.
void Scheduler::recover_job(ActiveJob& active_job, unsigned worker, const WorkerExit& worker_exit) {
    JobSlot& there = job_slot(active_job);
    RangeDeque& deque = shared_->deque(slot_of(active_job.id), worker);
    const Range stolen = Range::of(deque.stealing.exchange(0));
    std::uint64_t seen = deque.range.load(std::memory_order_seq_cst);
    const std::uint32_t low = Range::of(seen).low;
    // A thief runs nothing, and its base may already be that of what it stole.
    std::uint32_t grain = stolen.empty() ? deque.base.load() : low;
    there.audit.store(true, std::memory_order_seq_cst);
    if (seen == 0 && active_job.cancelled) {
        // The range was taken back: what it had claimed before is what has no flag at all.
        active_job.unaccounted.push_back({0, there.grains});
    } else {
        while (grain < low && there.flags[grain].load(std::memory_order_acquire) != open_grain)
            ++grain;
        const std::size_t begin = grain * there.grain;
        const std::size_t end = std::min(low * there.grain, there.job.size);
        if (grain < low && begin < end) {
            std::size_t next = deque.reached.load(std::memory_order_acquire);
            if (next < begin || next > end) next = begin; // of an earlier claim
            const std::size_t unsure =
                std::min(shared_->timed ? next + 1 : next + TaskContext::max_stride, end);
            const std::size_t whole = (unsure + there.grain - 1) / there.grain * there.grain;
            const std::size_t last = next == end ? end : std::min(whole, end);
            std::uint16_t worker_exits = 0;
            forget_failure(active_job, worker, next, unsure);
            // Where only one item can have been running, it is known.
            if (next + 1 == unsure && !may_rerun(worker_exit, worker_exits)) {
                record_loss(active_job, next++, worker_exit);
                worker_exits = 0;
            }
            mark_grains(active_job, begin, next, finished_grain);
            rerun(active_job, next, last, worker_exits);
            const auto rest = static_cast<std::uint32_t>((last + there.grain - 1) / there.grain);
            while (!deque.range.compare_exchange_weak(
                seen, Range{rest, Range::of(seen).high}.word(), std::memory_order_seq_cst)) {
            }
        }
    }
    if (!stolen.empty()) active_job.unaccounted.push_back(stolen);
    deque.base.store(Range::of(deque.range.load()).low); // the next worker here has claimed nothing
    deque.reached.store(0);
}

// ---- What it had of the queue.

FailureNote* Scheduler::write_failure(std::size_t item, const WorkerExit& worker_exit) {
    own_failures_.push_back(std::make_unique<FailureNote>(
        FailureNote{item, worker_exit.pid, worker_exit.fate, worker_exit.status, 0, 0, nullptr}));
    return own_failures_.back().get();
}

// A task of several items, from a chunk of imap or to repair a job: it goes on where it was.
void Scheduler::recover_chunk(TaskSlot& task, unsigned worker, const WorkerExit& worker_exit) {
    TaskFrame& frame = TaskFrame::of(task);
    const std::size_t begin = frame.next;
    const std::size_t item =
        std::clamp<std::size_t>(shared_->task_deque(worker).reached.load(), begin, frame.end);
    ActiveJob* active_job = frame.job != 0 ? &active_jobs_[slot_of(frame.job)] : nullptr;
    if (active_job != nullptr && active_job->id != frame.job) { // it was the job's last
        task.state.store(static_cast<std::uint32_t>(TaskState::finished));
        return;
    }
    if (item != begin) task.worker_exits = 0;
    frame.next = item;
    const bool lost = item != frame.end && !may_rerun(worker_exit, task.worker_exits);
    if (lost) {
        task.worker_exits = 0;
        ++frame.next;
        if (active_job != nullptr)
            record_loss(*active_job, item, worker_exit);
        else
            frame.failures[item] = write_failure(frame.first + item, worker_exit);
    }
    if (active_job != nullptr) {
        if (!lost) forget_failure(*active_job, worker, item, item + 1);
        mark_grains(*active_job, begin, frame.next, finished_grain);
    } else if (!lost && item != frame.end) {
        (void)shared_->release(std::exchange(frame.failures[item], nullptr));
    }
    TaskState state = frame.next == frame.end ? TaskState::finished : TaskState::open;
    if (state == TaskState::open && active_job != nullptr && active_job->cancelled) {
        mark_grains(*active_job, frame.next, frame.end, lost_grain);
        ++active_job->taken_back;
        state = TaskState::cancelled;
    }
    task.state.store(static_cast<std::uint32_t>(state), std::memory_order_seq_cst);
}

void Scheduler::recover_task(TaskSlot& task, unsigned worker, const WorkerExit& worker_exit) {
    if (task.kind == TaskKind::chunk) return recover_chunk(task, worker, worker_exit);
    TaskState state = TaskState::open;
    (void)shared_->release(std::exchange(task.failure, nullptr)); // it threw, and then died
    if (!may_rerun(worker_exit, task.worker_exits)) {
        task.failure = write_failure(0, worker_exit);
        state = TaskState::failed;
    }
    task.state.store(static_cast<std::uint32_t>(state), std::memory_order_seq_cst);
}

// Every task that it may have held stands in the queue again; who had begun one is known to it.
void Scheduler::recover_tasks(unsigned worker, WorkerExit worker_exit) {
    TaskQueue& queue = shared_->queue;
    RangeDeque& deque = shared_->task_deque(worker);
    const Range range = Range::of(deque.range.exchange(0));
    const Range stolen = Range::of(deque.stealing.exchange(0));
    const auto mine = static_cast<std::uint32_t>(TaskState::running) + worker;
    if (TaskSlot* task = shared_->worker_slots[worker].task.exchange(nullptr);
        task != nullptr && task->state.load(std::memory_order_seq_cst) == mine) {
        if (pending_kills_[worker] && pending_kills_[worker]->task == task)
            worker_exit.final = true;
        recover_task(*task, worker, worker_exit);
    }
    const auto look_at = [&](std::uint32_t position) {
        TaskSlot* task = queue.at(position).load(std::memory_order_acquire);
        if (task == nullptr) return;
        const std::uint32_t state = task->state.load(std::memory_order_acquire);
        if (state >= static_cast<std::uint32_t>(TaskState::running))
            return; // another's, who will clear the place itself
        if (state == static_cast<std::uint32_t>(TaskState::open)) to_requeue_.push_back(task);
        queue.at(position).store(nullptr, std::memory_order_release);
    };
    const std::uint32_t first = stolen.empty() ? deque.base.load() : range.low;
    deque.base.store(0);
    for (std::uint32_t at = first; at != range.high; ++at) look_at(at);
    for (std::uint32_t at = stolen.low; at != stolen.high; ++at) look_at(at);
}

// ---- All of it.

void Scheduler::mark_for_kill(unsigned worker, Fate fate, const TaskSlot* task,
                              std::int64_t began_ns) {
    if (!pending_kills_[worker]) ++pending_kill_count_;
    // Of two calls that are called off the later one is what it runs.
    if (!pending_kills_[worker] || task != nullptr)
        pending_kills_[worker] = PendingKill{fate, task, began_ns};
}

bool Scheduler::is_running(unsigned worker, JobId job) noexcept {
    const WorkerSlot& worker_slot = shared_->worker_slots[worker];
    if (worker_slot.in_job.load() == job) return true;
    TaskSlot* task = worker_slot.task.load();
    const ActiveJob& active_job = active_jobs_[slot_of(job)];
    return active_job.id == job && std::ranges::count(active_job.reruns, task) != 0 &&
           task->state.load() == static_cast<std::uint32_t>(TaskState::running) + worker;
}

void Scheduler::worker_lost(unsigned worker, int status, Fate fate) {
    WorkerSlot& worker_slot = shared_->worker_slots[worker];
    WorkerExit worker_exit{worker_slot.pid.load(), status, fate, false, true};
    if (const auto& pending_kill = pending_kills_[worker]) {
        worker_exit.fate = pending_kill->fate;
        worker_exit.counts = false;
        worker_exit.final = pending_kill->fate == Fate::timed_out &&
                            pending_kill->began_ns == worker_slot.item_began_ns.load();
    }
    worker_slot.counters.leave();
    worker_slot.in_job.store(0, std::memory_order_seq_cst);
    worker_slot.item_began_ns.store(0);
    if (worker_slot.waiting.exchange(0) != 0) shared_->waiters.fetch_sub(1);
    if (worker < 64)
        for (auto* bits : {&shared_->spinners, &shared_->pollers})
            bits->fetch_and(~(std::uint64_t{1} << worker));
    if (broken_) return; // nobody will ask what became of its work
    worker_slot.result_heap.worker_exited();
    for (ActiveJob& active_job : active_jobs_) // who has retired has left nothing half done
        if (active_job.id != 0 && worker_slot.budget_exhausted.load() == 0)
            recover_job(active_job, worker, worker_exit);
    recover_tasks(worker, worker_exit);
    if (pending_kills_[worker]) --pending_kill_count_;
    pending_kills_[worker].reset();
    collect_finished();
    notify(shared_->processes + 64U); // what went back is there for all
}

bool Scheduler::has_work() noexcept {
    collect_finished();
    if (!to_requeue_.empty() || shared_->active.load() != 0) return true;
    const TaskQueue& queue = shared_->queue;
    if (queue.published.load() != queue.claimed.load()) return true;
    for (unsigned i = 0; i < shared_->processes; ++i) {
        const RangeDeque& deque = shared_->task_deque(i);
        if (!Range::of(deque.range.load()).empty() || deque.stealing.load() != 0) return true;
    }
    return false;
}

// Nobody works on the job and no grain is left to take: what is still open was lost.
bool Scheduler::settled(const ActiveJob& active_job) noexcept {
    const auto visits = [&] {
        std::uint64_t sum = 0;
        for (unsigned i = 0; i < shared_->processes; ++i)
            sum += shared_->worker_slots[i].visits.load(std::memory_order_seq_cst);
        return sum;
    };
    const std::uint64_t before = visits();
    for (unsigned i = 0; i < shared_->processes; ++i) {
        if (shared_->worker_slots[i].in_job.load(std::memory_order_seq_cst) == active_job.id)
            return false;
        const RangeDeque& deque = shared_->deque(slot_of(active_job.id), i);
        if (!Range::of(deque.range.load(std::memory_order_seq_cst)).empty()) return false;
    }
    return visits() == before; // nobody came meanwhile and moved what was seen elsewhere
}

} // namespace mp::detail
