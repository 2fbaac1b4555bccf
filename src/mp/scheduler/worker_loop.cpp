#include "mp/scheduler/worker_loop.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "mp/os/child.hpp"
#include "mp/os/cpu.hpp"
#include "mp/scheduler/prefault.hpp"
#include "mp/scheduler/rerun.hpp"
#include "mp/worker.hpp"

namespace mp::detail {

namespace {

constexpr std::int64_t turn_ns = 500'000;       // then the worker turns to other work
constexpr std::int64_t worthwhile_ns = 100'000; // the target duration of a claim of several grains

class WorkerContext final : public TaskContext {
public:
    /// `failures`: of the job that the items belong to. `reached`: within the worker's claim.
    WorkerContext(SharedState& shared, unsigned worker, Progress& failures, Progress& reached)
        : TaskContext(reached.reached_word(),
                      shared.options().timed ? &shared.worker_slot(worker).item_clock() : nullptr),
          shared_(shared), worker_slot_(shared.worker_slot(worker)), failures_(failures) {}
    std::byte* allocate(std::size_t bytes) override {
        return worker_slot_.result_heap().allocate(bytes);
    }
    void release(const void* data) noexcept override { (void)shared_.release(data); }
    FailureNote* note(std::size_t item) noexcept override {
        return worker_slot_.write_failure(item);
    }
    void failed(std::size_t item) noexcept override {
        const FailureNote* lowest = failures_.failure();
        if (lowest != nullptr && lowest->item < item) return;
        failures_.set_failure(worker_slot_.write_failure(item));
        (void)shared_.release(lowest);
    }

private:
    SharedState& shared_;
    WorkerSlot& worker_slot_;
    Progress& failures_;
};

// The number of chunks that a worker may still run.
class TaskBudget {
public:
    explicit TaskBudget(const SharedState& shared) : left_(shared.options().maxtasksperchild) {}
    void use_one() noexcept { exhausted_ = left_ != 0 && --left_ == 0; }
    bool exhausted() const noexcept { return exhausted_; }

private:
    unsigned left_; // 0: no limit
    bool exhausted_ = false;
};

// A running worker: the state that all its steps need.
class Worker {
public:
    Worker(SharedState& shared, unsigned index, const WorkerHost& host)
        : shared_(shared), index_(index), worker_slot_(shared.worker_slot(index)), host_(host),
          budget_(shared) {}

    void run();

private:
    bool run_job(std::uint32_t slot, JobId id);
    bool run_jobs(unsigned turn);
    bool run_tasks();
    bool run_task(TaskSlot& task, TaskContext& context, ChunkTimer& timer);
    void rerun(const Rerun& task);
    bool has_other_work(std::uint32_t slot);
    void let_some_gather() const;
    void notify_another(const RangeDeque& mine);
    void notify_owner_if_waiting() {
        if (shared_.owner_event().must_notify()) host_.notify_owner();
    }
    void wait_for_work(EventCount::Key key);

    SharedState& shared_;
    unsigned index_;
    WorkerSlot& worker_slot_;
    const WorkerHost& host_;
    TaskBudget budget_;
    Prefault prefault_;
    bool slept_long_ = false; // when it last waited
};

// Returns whether there is work besides that of `slot`. All checks are hints.
bool Worker::has_other_work(std::uint32_t slot) {
    const std::uint32_t mine = slot < SharedState::max_jobs ? 1U << slot : 0;
    if ((shared_.active_jobs() & ~mine) != 0) return true;
    if (slot == SharedState::max_jobs) return false;
    return shared_.queue().has_unclaimed() || shared_.task_parts()[index_].deque.size() != 0;
}

// There is more work than this worker runs next: wakes a sleeping one.
void Worker::notify_another(const RangeDeque& mine) {
    if (shared_.events().must_notify_one() && (shared_.queue().has_unclaimed() || mine.size() > 1))
        shared_.events().notify_one();
}

// How many grains the next claim takes: enough to be worthwhile, but only a part of what is left,
// so that others can steal at the end.
std::uint32_t next_claim(std::uint32_t last, std::int64_t took, std::uint32_t left,
                         std::uint32_t grains) {
    const auto fits = static_cast<std::uint64_t>(worthwhile_ns * std::int64_t{last} /
                                                 std::max<std::int64_t>(took, 1));
    const std::uint64_t next =
        std::min<std::uint64_t>({fits, std::uint64_t{last} * 8, std::uint64_t{left} / 4});
    return static_cast<std::uint32_t>(std::clamp<std::uint64_t>(next, 1, grains));
}

// Works on one job until it is another's turn. Returns whether there was anything to do.
bool Worker::run_job(std::uint32_t slot, JobId id) {
    JobSlot& job_slot = shared_.job_slot(slot);
    const std::span<JobPart> parts = shared_.job_parts(slot);
    auto& [deque, progress] = parts[index_];
    WorkerContext context(shared_, index_, progress, progress);
    const Job& job = job_slot.job();
    const bool adaptive = job_slot.grains().adaptive;
    const auto run = [&](std::size_t first, std::size_t last) {
        prefault_.map(job, first, last);
        if (!shared_.options().timed) return job.run(job, first, last, context);
        for (std::size_t item = first; item < last; ++item) {
            context.reach(item);
            job.run(job, item, item + 1, context);
        }
        worker_slot_.item_clock().store(0);
    };
    ChunkTimer timer(worker_slot_.counters(), worker_slot_.trace_buffer(), id, os::current_pid());
    const std::int64_t began = timer.began();
    std::uint32_t grains_at_once = 1;
    bool worked = false, turn_over = false;
    do {
        std::uint64_t grains = 0;
        const auto report = [&] {
            if (grains != 0 && job_slot.report(std::exchange(grains, 0))) notify_owner_if_waiting();
        };
        timer.resume();
        for (Range mine; !turn_over && !(mine = deque.pop(grains_at_once)).empty();) {
            const std::size_t first = job_slot.first_item(mine.low);
            const std::size_t last = job_slot.end_item(mine.high);
            run(first, last);
            job_slot.mark(mine, GrainState::finished);
            grains += mine.size();
            if (adaptive)
                grains_at_once = next_claim(mine.size(), timer.lap(first, last - first),
                                            deque.size(), job_slot.grains().count);
            else
                timer.ran(first, last - first);
            worked = true;
            budget_.use_one();
            if (job_slot.is_audited()) report();
            if (has_other_work(slot)) turn_over = timer.now() - began > turn_ns;
            turn_over |= budget_.exhausted();
        }
        timer.report();
        report();
    } while (!turn_over && steal(parts, index_));
    return worked;
}

// A worker that takes each task as it arrives shares every cache line with the submitting thread,
// which slows both; a microsecond later there are several tasks. It does not delay while a thread
// waits for a result.
void Worker::let_some_gather() const {
    if (shared_.events().yields()) return;
    for (int i = 0; i < 50 && !shared_.owner_event().is_spinning(); ++i) os::relax();
}

// Runs again, item by item, what a dead worker had claimed of a job.
void Worker::rerun(const Rerun& task) {
    const std::uint32_t slot = SharedState::slot_of(task.job);
    JobSlot& job_slot = shared_.job_slot(slot);
    const Job& job = job_slot.job();
    const std::size_t grain_size = job_slot.grains().size;
    WorkerContext context(shared_, index_, shared_.job_parts(slot)[index_].progress,
                          shared_.task_parts()[index_].progress);
    for (std::size_t item = task.next(), end = task.end(); item < end; ++item) {
        context.reach(item);
        job.run(job, item, item + 1, context);
        // After the last of these the job may no longer exist.
        if ((item + 1) % grain_size == 0 || item + 1 == job.size) {
            const auto grain = static_cast<std::uint32_t>(item / grain_size);
            job_slot.mark({grain, grain + 1}, GrainState::finished);
        }
    }
}

// Returns false if it is not open: another worker runs it, or it was cancelled.
bool Worker::run_task(TaskSlot& task, TaskContext& context, ChunkTimer& timer) {
    worker_slot_.begin_task(task);
    shared_.task_parts()[index_].progress.restart();
    if (!task.status.try_begin(index_)) return false;
    // After the last store the memory may already hold the next task.
    const TaskKind kind = task.kind;
    const std::size_t first = task.first, items = task.end;
    if (kind == TaskKind::rerun)
        rerun(Rerun::of(task));
    else
        task.type->run(task, context);
    if (shared_.options().timed) worker_slot_.item_clock().store(0);
    if (kind == TaskKind::chunk)
        timer.lap(first, items); // a thread that waits may then call stats()
    task.status.finish(TaskState::finished);
    notify_owner_if_waiting();
    if (kind != TaskKind::chunk) timer.ran(first, items);
    budget_.use_one();
    return true;
}

// Runs tasks from the queue until it is the turn of other work. Returns whether there were any.
bool Worker::run_tasks() {
    TaskQueue& queue = shared_.queue();
    const std::span<JobPart> parts = shared_.task_parts();
    auto& [deque, progress] = parts[index_];
    WorkerContext context(shared_, index_, progress, progress);
    ChunkTimer timer(worker_slot_.counters(), worker_slot_.trace_buffer(), 0, os::current_pid());
    const std::int64_t began = timer.began();
    constexpr std::uint32_t few = 8;
    std::uint32_t taken = few;
    bool worked = false, turn_over = false;
    do {
        timer.resume();
        for (Range mine; !turn_over && !(mine = deque.pop(1)).empty();) {
            TaskSlot* task = queue.at(mine.low);
            if (task == nullptr) continue; // it was in the queue twice
            worked |= run_task(*task, context, timer);
            queue.remove(mine.low, task);
            if (has_other_work(SharedState::max_jobs)) turn_over = timer.now() - began > turn_ns;
            turn_over |= budget_.exhausted();
        }
        timer.report();
        if (turn_over) break;
        if (taken < few) let_some_gather();
        taken = queue.claim(deque, shared_.workers());
        if (taken == 0 && !steal(parts, index_)) break;
        notify_another(deque);
    } while (true);
    return worked;
}

// Works on each job in progress, starting with a different one each time.
bool Worker::run_jobs(unsigned turn) {
    bool worked = false;
    const std::uint32_t active = shared_.active_jobs();
    for (std::uint32_t i = 0; active != 0 && i < SharedState::max_jobs; ++i) {
        const std::uint32_t slot = (turn + i) % SharedState::max_jobs;
        if ((active >> slot & 1) == 0 || budget_.exhausted()) continue;
        JobSlot& job_slot = shared_.job_slot(slot);
        const JobId id = job_slot.id();
        if (id == 0) continue;
        worked |= worker_slot_.visit(id, [&] { return job_slot.id() == id && run_job(slot, id); });
        if (job_slot.is_audited()) notify_owner_if_waiting();
    }
    return worked;
}

void Worker::wait_for_work(EventCount::Key key) {
    EventCount& events = shared_.events();
    const auto has_unclaimed = [&] { return shared_.queue().has_unclaimed(); };
    const auto over = [&] { return events.is_notified(key) || has_unclaimed(); };
    // After a long sleep the owner sleeps, too: it is notified earlier, on a CPU where no worker
    // spins.
    const bool may_spin = !std::exchange(slept_long_, false);
    if (over() || (may_spin && events.spin(index_, over))) return;
    const std::int64_t asleep = now_ns();
    events.wait(index_, worker_slot_.waiter(), key, has_unclaimed, [&] {
        return std::ranges::any_of(shared_.task_parts(),
                                   [&](const JobPart& part) { return part.deque.has_stealable(); });
    });
    slept_long_ = now_ns() - asleep > cold_ns;
}

void Worker::run() {
    for (unsigned turn = index_;; ++turn) {
        const EventCount::Key key = shared_.events().key();
        bool worked = worker_slot_.visit(WorkerSlot::queue, [&] { return run_tasks(); });
        worked |= run_jobs(turn);
        if (budget_.exhausted()) {
            worker_slot_.exhaust_budget();
            break;
        }
        if (worked) continue;
        if (shared_.is_closed() && !shared_.events().is_notified(key) &&
            !shared_.queue().has_unclaimed())
            break;
        wait_for_work(key);
    }
    CpuAccount& cpu = worker_slot_.counters().cpu;
    cpu.note_end(cpu.ask(os::current_pid()));
    worker_slot_.counters().leave();
}

} // namespace

bool start_worker(SharedState& shared, unsigned worker, const Initializer& initializer,
                  const WorkerHost& host) noexcept {
    WorkerSlot& worker_slot = shared.worker_slot(worker);
    worker_slot.counters().note_began(now_ns());
    set_worker(shared.options().first_worker + worker, host.backend);
    WorkerState state = WorkerState::ready;
    const SameProcess same_process;
    try {
        initializer();
        same_process.check();
    } catch (...) {
        same_process.check();
        worker_slot.write_init_failure();
        state = WorkerState::failed;
    }
    CpuAccount& cpu = worker_slot.counters().cpu;
    cpu.note_ready(cpu.ask(os::current_pid()));
    worker_slot.counters().note_ready(now_ns());
    worker_slot.set_state(state);
    if (shared.owner_event().must_notify()) host.notify_owner();
    return state == WorkerState::ready;
}

void run_worker(SharedState& shared, unsigned worker, const WorkerHost& host) noexcept {
    Worker(shared, worker, host).run();
}

} // namespace mp::detail
