#include "mp/scheduler/worker_loop.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "mp/failure.hpp"
#include "mp/os/child.hpp"
#include "mp/os/cpu.hpp"
#include "mp/os/futex.hpp"
#include "mp/scheduler/event_count.hpp"
#include "mp/worker.hpp"

namespace mp::detail {

namespace {

constexpr std::int64_t turn_ns = 500'000;       // then it is another piece of work's turn
constexpr std::int64_t worthwhile_ns = 100'000; // what a claim of several grains shall take

FailureNote* write_failure(WorkerSlot& worker_slot, std::size_t item) noexcept {
    const Failure failure = current_failure();
    FailureNote note{item,   os::current_pid(),   Fate::threw,
                     0,      failure.what.size(), failure.type_name.size(),
                     nullptr};
    try {
        std::byte* memory =
            worker_slot.result_heap.allocate(sizeof(FailureNote) + note.what_size + note.type_size);
        char* text = reinterpret_cast<char*>(memory + sizeof(FailureNote));
        std::memcpy(text, failure.what.data(), note.what_size);
        std::memcpy(text + note.what_size, failure.type_name.data(), note.type_size);
        note.text = text;
        return ::new (memory) FailureNote(note);
    } catch (...) {
        note.what_size = note.type_size = 0;
        worker_slot.last_resort = note;
        return &worker_slot.last_resort;
    }
}

class WorkerContext final : public TaskContext {
public:
    /// `deque`: of the job that the items are of. `reached`: of what the worker has claimed.
    WorkerContext(SharedState& shared, unsigned worker, RangeDeque& deque,
                  std::atomic<std::uint64_t>& reached)
        : TaskContext(reached, shared.timed ? &shared.worker_slots[worker].item_began_ns : nullptr),
          shared_(shared), worker_slot_(shared.worker_slots[worker]), deque_(deque) {}
    std::byte* allocate(std::size_t bytes) override {
        return worker_slot_.result_heap.allocate(bytes);
    }
    void release(const void* data) noexcept override { (void)shared_.release(data); }
    FailureNote* note(std::size_t item) noexcept override {
        return write_failure(worker_slot_, item);
    }
    void failed(std::size_t item) noexcept override {
        const FailureNote* lowest = deque_.failure.load(std::memory_order_relaxed);
        if (lowest != nullptr && lowest->item < item) return;
        deque_.failure.store(write_failure(worker_slot_, item), std::memory_order_release);
        (void)shared_.release(lowest);
    }

private:
    SharedState& shared_;
    WorkerSlot& worker_slot_;
    RangeDeque& deque_;
};

// The chunks that a worker may still run.
class TaskBudget {
public:
    explicit TaskBudget(const SharedState& shared) : left_(shared.maxtasksperchild) {}
    void use_one() noexcept { exhausted_ = left_ != 0 && --left_ == 0; }
    bool exhausted() const noexcept { return exhausted_; }

private:
    unsigned left_; // 0: no end
    bool exhausted_ = false;
};

void notify_owner_if_waiting(SharedState& shared, const WorkerHost& host) {
    if (shared.owner_waiting.load(std::memory_order_seq_cst) != 0 &&
        shared.owner_waiting.exchange(0, std::memory_order_seq_cst) != 0)
        host.notify_owner();
}

// More can be had than this worker runs next: one that sleeps shall have it.
void notify_another(SharedState& shared, const RangeDeque& mine) {
    if (shared.waiters.load(std::memory_order_seq_cst) == 0 ||
        shared.pollers.load(std::memory_order_seq_cst) != 0)
        return;
    if (!shared.queue.has_unclaimed() && Range::of(mine.range.load()).size() < 2) return;
    shared.epoch.fetch_add(1, std::memory_order_seq_cst); // for who is about to sleep
    os::futex_wake(shared.epoch, 1);
}

// Whether there is other work than that of `slot`.
bool has_other_work(SharedState& shared, std::uint32_t slot, unsigned worker) {
    const std::uint32_t mine = slot < SharedState::max_jobs ? 1U << slot : 0;
    if ((shared.active.load(std::memory_order_relaxed) & ~mine) != 0) return true;
    if (slot == SharedState::max_jobs) return false;
    return shared.queue.has_unclaimed() ||
           !Range::of(shared.task_deque(worker).range.load(std::memory_order_relaxed)).empty();
}

// Does what can be had of one job, until it is another's turn. Whether there was anything.
bool run_job(SharedState& shared, std::uint32_t slot, std::uint32_t id, unsigned worker,
             TaskBudget& budget, const WorkerHost& host) {
    JobSlot& job_slot = shared.job_slots[slot];
    WorkerSlot& worker_slot = shared.worker_slots[worker];
    RangeDeque& deque = shared.deque(slot, worker);
    WorkerContext context(shared, worker, deque, deque.reached);
    const Job& job = job_slot.job;
    const auto run = [&](std::size_t first, std::size_t last) {
        if (!shared.timed) return job.run(job, first, last, context);
        for (std::size_t item = first; item < last; ++item) {
            context.reach(item);
            job.run(job, item, item + 1, context);
        }
        worker_slot.item_began_ns.store(0);
    };
    ChunkTimer timer(worker_slot.counters, worker_slot.trace_buffer, id, os::current_pid());
    const std::int64_t began = timer.began();
    std::uint32_t grains_at_once = 1;
    bool worked = false, turn_over = false;
    do {
        std::uint64_t grains = 0;
        const auto report = [&] {
            if (grains == 0) return;
            const std::uint64_t done =
                job_slot.done.fetch_add(grains, std::memory_order_seq_cst) + grains;
            if (done == job_slot.grains || job_slot.audit.load(std::memory_order_seq_cst))
                notify_owner_if_waiting(shared, host);
            grains = 0;
        };
        timer.resume();
        for (Range mine; !turn_over && !(mine = pop(deque, grains_at_once)).empty();) {
            const std::size_t first = mine.low * job_slot.grain;
            const std::size_t last = std::min(mine.high * job_slot.grain, job.size);
            run(first, last);
            for (std::uint32_t grain = mine.low; grain < mine.high; ++grain)
                job_slot.flags[grain].store(finished_grain, std::memory_order_release);
            grains += mine.size();
            if (job_slot.adaptive) {
                // As many as take a good while, but no more than a part of what is left: the others
                // shall find something to steal at the end.
                const std::int64_t took = timer.lap(first, last - first);
                const auto fits = static_cast<std::uint64_t>(
                    worthwhile_ns * std::int64_t{mine.size()} / std::max<std::int64_t>(took, 1));
                const std::uint32_t left = Range::of(deque.range.load()).size();
                grains_at_once = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(
                    std::min<std::uint64_t>({fits, std::uint64_t{grains_at_once} * 8, left / 4}), 1,
                    job_slot.grains));
            } else {
                timer.ran(first, last - first);
            }
            worked = true;
            budget.use_one();
            if (job_slot.audit.load(std::memory_order_relaxed)) report();
            if (has_other_work(shared, slot, worker)) turn_over = timer.now() - began > turn_ns;
            turn_over |= budget.exhausted();
        }
        timer.report();
        report();
    } while (!turn_over && steal(shared, slot, worker));
    return worked;
}

// Who takes each task as it comes shares every cache line with who submits them, which is slow for
// both; a microsecond later there are several. But not while somebody waits.
void let_some_gather(const SharedState& shared) {
    if (shared.yield_instead) return;
    for (int i = 0; i < 50 && shared.owners_spinning.load(std::memory_order_relaxed) == 0; ++i)
        os::relax();
}

// Runs again what a worker that died had claimed of a job, item by item.
void rerun(SharedState& shared, unsigned worker, const TaskFrame& frame) {
    const std::uint32_t slot = frame.job % SharedState::max_jobs;
    JobSlot& job_slot = shared.job_slots[slot];
    const Job& job = job_slot.job;
    WorkerContext context(shared, worker, shared.deque(slot, worker),
                          shared.task_deque(worker).reached);
    for (std::size_t item = frame.next, end = frame.end; item < end; ++item) {
        context.reach(item);
        job.run(job, item, item + 1, context);
        // After the last of these the job may be no more.
        if ((item + 1) % job_slot.grain == 0 || item + 1 == job.size)
            job_slot.flags[item / job_slot.grain].store(finished_grain, std::memory_order_release);
    }
}

JobId trace_job_of(TaskSlot& task) {
    return task.kind == TaskKind::chunk ? TaskFrame::of(task).trace_job * SharedState::max_jobs : 0;
}

// Runs tasks from the queue, until it is something else's turn. Whether there were any.
bool run_tasks(SharedState& shared, unsigned worker, TaskBudget& budget, const WorkerHost& host) {
    TaskQueue& queue = shared.queue;
    WorkerSlot& worker_slot = shared.worker_slots[worker];
    RangeDeque& deque = shared.task_deque(worker);
    WorkerContext context(shared, worker, deque, deque.reached);
    const auto run = [&](TaskSlot& task) {
        if (task.kind == TaskKind::chunk && TaskFrame::of(task).job != 0)
            rerun(shared, worker, TaskFrame::of(task));
        else
            task.type->run(task, context);
        if (shared.timed) worker_slot.item_began_ns.store(0);
    };
    ChunkTimer timer(worker_slot.counters, worker_slot.trace_buffer, 0, os::current_pid());
    const std::int64_t began = timer.began();
    constexpr std::uint32_t few = 8;
    std::uint32_t taken = few;
    bool worked = false, turn_over = false;
    do {
        timer.resume();
        for (Range mine; !turn_over && !(mine = pop(deque, 1)).empty();) {
            TaskSlot* task = queue.at(mine.low).load(std::memory_order_relaxed);
            if (task == nullptr) continue; // it had come into the queue twice
            worker_slot.task.store(task,
                                   std::memory_order_relaxed); // the exchange below is a barrier
            deque.reached.store(0, std::memory_order_relaxed); // nor can it be that of another
            auto expected = static_cast<std::uint32_t>(TaskState::open);
            if (task->state.compare_exchange_strong(
                    expected, static_cast<std::uint32_t>(TaskState::running) + worker,
                    std::memory_order_acq_rel)) {
                // After the last store the task may be the next one already.
                const std::uint32_t items = task->items, first = task->first;
                if (shared.timed) context.reach(0);
                if (worker_slot.trace_buffer != nullptr) timer.turn_to(trace_job_of(*task));
                const bool is_chunk =
                    task->kind == TaskKind::chunk && TaskFrame::of(*task).job == 0;
                run(*task);
                if (is_chunk) timer.lap(first, items); // who waits for it may then ask for stats()
                const TaskState end =
                    task->failure == nullptr ? TaskState::finished : TaskState::failed;
                task->state.store(static_cast<std::uint32_t>(end), std::memory_order_seq_cst);
                notify_owner_if_waiting(shared, host);
                if (!is_chunk) timer.ran(first, items);
                worked = true;
                budget.use_one();
            }
            if (queue.at(mine.low).load(std::memory_order_relaxed) == task)
                queue.at(mine.low).store(nullptr, std::memory_order_release);
            if (has_other_work(shared, SharedState::max_jobs, worker))
                turn_over = timer.now() - began > turn_ns;
            turn_over |= budget.exhausted();
        }
        timer.report();
        if (turn_over) break;
        if (taken < few) let_some_gather(shared);
        taken = claim_tasks(shared, worker);
        if (taken == 0 && !steal(shared, SharedState::max_jobs, worker)) break;
        notify_another(shared, deque);
    } while (true);
    return worked;
}

} // namespace

bool start_worker(SharedState& shared, unsigned worker, const Initializer& initializer,
                  const WorkerHost& host) noexcept {
    WorkerSlot& worker_slot = shared.worker_slots[worker];
    worker_slot.counters.began_ns.store(now_ns());
    set_worker(shared.first_worker + worker, host.backend);
    bool ready = true;
    const SameProcess same_process;
    try {
        initializer();
        same_process.check();
    } catch (...) {
        same_process.check();
        worker_slot.init_failure.store(write_failure(worker_slot, 0), std::memory_order_release);
        ready = false;
    }
    worker_slot.counters.ready_ns.store(now_ns());
    worker_slot.state.store(ready ? WorkerState::ready : WorkerState::failed,
                            std::memory_order_seq_cst);
    notify_owner_if_waiting(shared, host);
    return ready;
}

void run_worker(SharedState& shared, unsigned worker, const WorkerHost& host) noexcept {
    WorkerSlot& worker_slot = shared.worker_slots[worker];
    // Announce first, then look: the owner withdraws first, then looks who is still inside.
    const auto visit = [&](std::uint32_t what, auto work) {
        worker_slot.visits.fetch_add(1, std::memory_order_seq_cst);
        worker_slot.in_job.store(what, std::memory_order_seq_cst);
        const bool worked = work();
        worker_slot.in_job.store(0, std::memory_order_seq_cst);
        return worked;
    };
    TaskBudget budget(shared);
    bool slept_long = false;
    for (unsigned turn = worker;; ++turn) {
        const std::uint32_t seen = shared.epoch.load(std::memory_order_seq_cst);
        bool worked =
            visit(WorkerSlot::in_queue, [&] { return run_tasks(shared, worker, budget, host); });
        const std::uint32_t active = shared.active.load(std::memory_order_seq_cst);
        for (std::uint32_t i = 0; active != 0 && i < SharedState::max_jobs; ++i) {
            const std::uint32_t slot = (turn + i) % SharedState::max_jobs;
            if ((active >> slot & 1) == 0 || budget.exhausted()) continue;
            const std::uint32_t id = shared.job_slots[slot].id.load(std::memory_order_seq_cst);
            if (id == 0) continue;
            worked |= visit(id, [&] {
                return shared.job_slots[slot].id.load(std::memory_order_seq_cst) == id &&
                       run_job(shared, slot, id, worker, budget, host);
            });
            if (shared.job_slots[slot].audit.load(std::memory_order_seq_cst))
                notify_owner_if_waiting(shared, host);
        }
        if (budget.exhausted()) {
            worker_slot.budget_exhausted.store(1, std::memory_order_seq_cst);
            worker_slot.counters.leave();
            return;
        }
        if (worked) continue;
        if (shared.pool_state.load(std::memory_order_seq_cst) == PoolState::closed &&
            shared.epoch.load(std::memory_order_seq_cst) == seen && !shared.queue.has_unclaimed()) {
            worker_slot.counters.leave();
            return;
        }
        // After a long sleep the owner, too, sleeps: it is called sooner on a CPU where nobody
        // spins.
        slept_long = wait_for_work(shared, worker, seen, !slept_long);
    }
}

} // namespace mp::detail
