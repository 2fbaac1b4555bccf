#include "mp/scheduler/recovery.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>
#include <utility>

#include "mp/scheduler/rerun.hpp"

namespace mp::detail {

namespace {

FailureNote note_of(std::size_t item, const Recovery::WorkerExit& worker_exit) {
    return {item, worker_exit.pid, worker_exit.fate, worker_exit.status, 0, 0, nullptr};
}

} // namespace

// Returns whether the item that the worker died of is run again; counts the deaths.
bool Recovery::may_rerun(const WorkerExit& worker_exit,
                         std::uint16_t& worker_exits) const noexcept {
    if (worker_exit.final) return false;
    if (!worker_exit.counts) return true;
    constexpr auto most = std::numeric_limits<std::uint16_t>::max();
    worker_exits = worker_exits == most ? most : static_cast<std::uint16_t>(worker_exits + 1);
    return worker_exits <= retries_;
}

// ---- Failure notes.

void Recovery::record_loss(ActiveJob& active_job, std::size_t item, const WorkerExit& worker_exit) {
    if (!active_job.first_lost || item < active_job.first_lost->item)
        active_job.first_lost = note_of(item, worker_exit);
}

FailureNote* Recovery::write_failure(std::size_t item, const WorkerExit& worker_exit) {
    failures_.push_back(std::make_unique<FailureNote>(note_of(item, worker_exit)));
    return failures_.back().get();
}

bool Recovery::release(const void* note) noexcept {
    return std::erase_if(failures_, [note](const auto& own) { return own.get() == note; }) != 0;
}

// The items from .. to - 1 are run again, so the failures that the worker recorded for them are
// void.
void Recovery::forget_failure(Progress& progress, std::size_t from, std::size_t to) noexcept {
    const FailureNote* const note = progress.failure();
    if (note == nullptr || note->item < from || note->item >= to) return;
    progress.set_failure(nullptr);
    (void)shared_.release(note);
}

// ---- Reruns.

// A slot that no worker still regards as its old task. Errors: std::exception.
TaskSlot* Recovery::take_slot() {
    const auto used =
        std::ranges::find_if(old_reruns_, [](const TaskSlot* each) { return each->done(); });
    if (used != old_reruns_.end()) {
        TaskSlot* const task = *used;
        old_reruns_.erase(used);
        return task;
    }
    rerun_slots_.push_back(SharedArena::own().take(sizeof(Rerun)));
    return &(::new (rerun_slots_.back().data()) Rerun{})->slot;
}

// Makes a task that runs the items first .. last - 1, one by one. `last` is the end of a grain, and
// of all grains before it.
void Recovery::rerun(ActiveJob& active_job, std::size_t first, std::size_t last,
                     std::uint16_t worker_exits) {
    if (active_job.cancelled) return jobs_.give_up(active_job, first, last);
    if (first == last) return;
    TaskSlot* task = nullptr;
    try {
        task = take_slot();
    } catch (const std::exception&) {
        record_loss(active_job, first, {0, ENOMEM, Fate::starved, true, false, nullptr});
        return jobs_.slot_of(active_job).mark_items(first, last, GrainState::lost);
    }
    task->kind = TaskKind::rerun;
    task->worker_exits = worker_exits;
    task->first = first;
    task->next = 0;
    task->end = static_cast<std::uint32_t>(last - first);
    Rerun::of(*task).job = active_job.id;
    task->status.finish(TaskState::open);
    active_job.reruns.push_back(task);
    submitter_.requeue(*task);
}

bool Recovery::is_being_rerun(const ActiveJob& active_job, std::size_t item) const noexcept {
    return std::ranges::any_of(active_job.reruns, [item](TaskSlot* task) {
        return !task->done() && item >= task->first && item < Rerun::of(*task).end();
    });
}

void Recovery::rerun_unaccounted(ActiveJob& active_job) {
    JobSlot& job_slot = jobs_.slot_of(active_job);
    for (const Range& range : std::exchange(active_job.unaccounted, {}))
        for (std::uint32_t grain = range.low; grain < range.high; ++grain)
            if (job_slot.is_open(grain) && !is_being_rerun(active_job, job_slot.first_item(grain)))
                rerun(active_job, job_slot.first_item(grain), job_slot.end_item(grain + 1), 0);
}

void Recovery::keep_reruns(ActiveJob& active_job) {
    old_reruns_.insert(old_reruns_.end(), active_job.reruns.begin(), active_job.reruns.end());
    active_job.reruns.clear();
}

// ---- Its part of a job.

// Items that it had claimed and not finished may have been begun: these are run again. The rest
// goes back to its range.
void Recovery::recover_grains(ActiveJob& active_job, JobPart& part, Range claimed,
                              const WorkerExit& worker_exit) {
    JobSlot& job_slot = jobs_.slot_of(active_job);
    std::uint32_t grain = claimed.low;
    while (grain < claimed.high && !job_slot.is_open(grain)) ++grain;
    const std::size_t begin = job_slot.first_item(grain);
    const std::size_t end = job_slot.end_item(claimed.high);
    if (grain >= claimed.high || begin >= end) return;
    std::size_t next = part.progress.reached();
    if (next < begin || next > end) next = begin; // from an earlier claim
    const std::size_t unsure =
        std::min(shared_.options().timed ? next + 1 : next + TaskContext::max_stride, end);
    const std::size_t size = job_slot.grains().size;
    const std::size_t whole = (unsure + size - 1) / size * size;
    const std::size_t last = next == end ? end : std::min(whole, end);
    std::uint16_t worker_exits = 0;
    forget_failure(part.progress, next, unsure);
    // If only one item can have been running, it is the one.
    if (next + 1 == unsure && !may_rerun(worker_exit, worker_exits)) {
        record_loss(active_job, next++, worker_exit);
        worker_exits = 0;
    }
    job_slot.mark_items(begin, next, GrainState::finished);
    rerun(active_job, next, last, worker_exits);
    part.deque.give_back(static_cast<std::uint32_t>((last + size - 1) / size));
}

void Recovery::recover_job(ActiveJob& active_job, unsigned worker, const WorkerExit& worker_exit) {
    JobPart& part = jobs_.parts_of(active_job)[worker];
    JobSlot& job_slot = jobs_.slot_of(active_job);
    job_slot.begin_audit();
    const RangeDeque::Remains remains = part.deque.owner_died();
    if (remains.emptied && active_job.cancelled)
        // The range was taken back: what it had claimed before has no flag set.
        active_job.unaccounted.push_back({0, job_slot.grains().count});
    else
        recover_grains(active_job, part, remains.claimed, worker_exit);
    if (!remains.announced.empty()) active_job.unaccounted.push_back(remains.announced);
    part.progress.restart();
}

// ---- Its part of the queue.

// Where a task continues: at the item that its worker died of or, if that item fails, after it.
// Returns whether the item fails.
bool Recovery::go_on(TaskSlot& task, std::size_t reached, const WorkerExit& worker_exit) noexcept {
    const auto item =
        static_cast<std::uint32_t>(std::clamp<std::size_t>(reached, task.next, task.end));
    if (item != task.next) task.worker_exits = 0;
    task.next = item;
    if (item == task.end || may_rerun(worker_exit, task.worker_exits)) return false;
    task.worker_exits = 0;
    ++task.next;
    return true;
}

// Items of a job that are run again.
void Recovery::recover_rerun(TaskSlot& task, unsigned worker, const WorkerExit& worker_exit) {
    const Rerun& rerun = Rerun::of(task);
    ActiveJob* const active_job = jobs_.find(rerun.job);
    if (active_job == nullptr)
        return task.status.finish(TaskState::finished); // it was the job's last
    const JobSlot& job_slot = jobs_.slot_of(*active_job);
    const std::size_t begin = rerun.next(), end = rerun.end();
    std::size_t reached = std::max(shared_.task_parts()[worker].progress.reached(), begin);
    // It may have marked a grain and said no more. The job may be over then: nothing more is run.
    while (reached < end) {
        const auto grain = static_cast<std::uint32_t>(reached / job_slot.grains().size);
        if (job_slot.is_open(grain)) break;
        reached = std::min(job_slot.end_item(grain + 1), end);
    }
    if (go_on(task, reached - task.first, worker_exit))
        record_loss(*active_job, rerun.next() - 1, worker_exit);
    else
        forget_failure(jobs_.parts_of(*active_job)[worker].progress, rerun.next(),
                       rerun.next() + 1);
    jobs_.slot_of(*active_job).mark_items(begin, rerun.next(), GrainState::finished);
    if (task.next == task.end) return task.status.finish(TaskState::finished);
    if (!active_job->cancelled) return task.status.finish(TaskState::open);
    jobs_.give_up(*active_job, rerun.next(), rerun.end());
    task.status.finish(TaskState::cancelled);
}

// A call, or a chunk of imap.
void Recovery::recover_task(TaskSlot& task, const Progress& progress,
                            const WorkerExit& worker_exit) {
    FailureNote** const failures = task.type->items(task).failures;
    const bool fails = go_on(task, progress.reached(), worker_exit);
    const std::uint32_t item = fails ? task.next - 1 : task.next;
    if (item != task.end) // it may have thrown an exception before it died
        (void)shared_.release(std::exchange(failures[item], nullptr));
    if (fails) failures[item] = write_failure(task.first + item, worker_exit);
    task.status.finish(task.next == task.end ? TaskState::finished : TaskState::open);
}

// Submits again every task that it may have held.
void Recovery::recover_tasks(unsigned worker, WorkerExit worker_exit) {
    JobPart& part = shared_.task_parts()[worker];
    TaskSlot* const task = worker_exit.task;
    const TaskSlot* again = nullptr;
    if (task != nullptr && task->status.is_running_on(worker)) {
        if (pending_kills_[worker] && pending_kills_[worker]->task == task)
            worker_exit.final = true;
        if (task->kind == TaskKind::rerun)
            recover_rerun(*task, worker, worker_exit);
        else
            recover_task(*task, part.progress, worker_exit);
        // Not by its entry: the death of another, which was about to take it, may have emptied
        // that.
        if (task->status.is_open()) {
            again = task;
            submitter_.requeue(*task);
        }
    }
    shared_.queue().owner_died(part.deque, [&](TaskSlot& each) {
        if (&each != again) submitter_.requeue(each);
    });
}

// ---- Everything.

void Recovery::mark_for_kill(unsigned worker, Fate fate, const TaskSlot* task,
                             std::int64_t began_ns) {
    if (!pending_kills_[worker]) ++pending_kill_count_;
    // Of two cancelled calls, it runs the later one.
    if (!pending_kills_[worker] || task != nullptr)
        pending_kills_[worker] = PendingKill{fate, task, began_ns};
}

void Recovery::forget_task(const TaskSlot& task) noexcept {
    if (pending_kill_count_ == 0) return;
    for (auto& pending_kill : pending_kills_)
        if (pending_kill && pending_kill->task == &task) pending_kill->task = nullptr;
}

bool Recovery::is_running(unsigned worker, JobId job) noexcept {
    const WorkerSlot& worker_slot = shared_.worker_slot(worker);
    if (worker_slot.in_job() == job) return true;
    TaskSlot* const task = worker_slot.task();
    const ActiveJob* const active_job = jobs_.find(job);
    return active_job != nullptr && std::ranges::count(active_job->reruns, task) != 0 &&
           task->status.is_running_on(worker);
}

Recovery::WorkerExit Recovery::note_exit(unsigned worker, int status, Fate fate) noexcept {
    WorkerSlot& worker_slot = shared_.worker_slot(worker);
    WorkerExit worker_exit{worker_slot.pid(), status, fate, false, true, nullptr};
    if (const auto& pending_kill = pending_kills_[worker]) {
        worker_exit.fate = pending_kill->fate;
        worker_exit.counts = false;
        worker_exit.final = pending_kill->fate == Fate::timed_out &&
                            pending_kill->began_ns == worker_slot.item_began_ns();
    }
    worker_exit.task = worker_slot.worker_died();
    shared_.events().waiter_died(worker, worker_slot.waiter());
    return worker_exit;
}

void Recovery::recover(unsigned worker, WorkerExit worker_exit) {
    WorkerSlot& worker_slot = shared_.worker_slot(worker);
    worker_slot.result_heap().worker_exited();
    if (!worker_slot.has_exhausted_budget()) // otherwise it has left nothing unfinished
        for (ActiveJob& active_job : jobs_.all())
            if (active_job.id != 0) recover_job(active_job, worker, worker_exit);
    recover_tasks(worker, worker_exit);
    if (pending_kills_[worker]) --pending_kill_count_;
    pending_kills_[worker].reset();
}

} // namespace mp::detail
