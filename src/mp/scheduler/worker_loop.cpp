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

FailureNote* write_down(Place& place, std::size_t item) noexcept {
    const Failure failure = current_failure();
    FailureNote note{item,   os::current_pid(),   Fate::threw,
                     0,      failure.what.size(), failure.type_name.size(),
                     nullptr};
    try {
        std::byte* memory =
            place.outbox.take(sizeof(FailureNote) + note.what_size + note.type_size);
        char* text = reinterpret_cast<char*>(memory + sizeof(FailureNote));
        std::memcpy(text, failure.what.data(), note.what_size);
        std::memcpy(text + note.what_size, failure.type_name.data(), note.type_size);
        note.text = text;
        return ::new (memory) FailureNote(note);
    } catch (...) {
        note.what_size = note.type_size = 0;
        place.last_resort = note;
        return &place.last_resort;
    }
}

class WorkerContext final : public TaskContext {
public:
    /// `cell`: of the job that the items are of. `reached`: of what the worker has claimed.
    WorkerContext(Board& board, unsigned worker, Cell& cell, std::atomic<std::uint64_t>& reached)
        : TaskContext(reached, board.timed ? &board.places[worker].item_began_ns : nullptr),
          board_(board), place_(board.places[worker]), cell_(cell) {}
    std::byte* allocate(std::size_t bytes) override { return place_.outbox.take(bytes); }
    void release(const void* data) noexcept override { (void)board_.release(data); }
    FailureNote* note(std::size_t item) noexcept override { return write_down(place_, item); }
    void failed(std::size_t item) noexcept override {
        const FailureNote* lowest = cell_.failure.load(std::memory_order_relaxed);
        if (lowest != nullptr && lowest->item < item) return;
        cell_.failure.store(write_down(place_, item), std::memory_order_release);
        (void)board_.release(lowest);
    }

private:
    Board& board_;
    Place& place_;
    Cell& cell_;
};

// The chunks that a worker may still run.
class Shift {
public:
    explicit Shift(const Board& board) : left_(board.maxtasksperchild) {}
    void ran() noexcept { over_ = left_ != 0 && --left_ == 0; }
    bool over() const noexcept { return over_; }

private:
    unsigned left_; // 0: no end
    bool over_ = false;
};

void ring_if_parked(Board& board, const Surroundings& around) {
    if (board.owner_parked.load(std::memory_order_seq_cst) != 0 &&
        board.owner_parked.exchange(0, std::memory_order_seq_cst) != 0)
        around.ring_owner();
}

// More can be had than this worker runs next: one that sleeps shall have it.
void wake_another(Board& board, const Cell& mine) {
    if (board.sleepers.load(std::memory_order_seq_cst) == 0 ||
        board.dozers.load(std::memory_order_seq_cst) != 0)
        return;
    if (!board.queue.has_unclaimed() && Range::of(mine.range.load()).size() < 2) return;
    board.bell.fetch_add(1, std::memory_order_seq_cst); // for who is about to sleep
    os::futex_wake(board.bell, 1);
}

// Whether there is other work than that of `slot`.
bool others_wait(Board& board, std::uint32_t slot, unsigned worker) {
    const std::uint32_t mine = slot < Board::slots ? 1U << slot : 0;
    if ((board.active.load(std::memory_order_relaxed) & ~mine) != 0) return true;
    if (slot == Board::slots) return false;
    return board.queue.has_unclaimed() ||
           !Range::of(board.queue_cell(worker).range.load(std::memory_order_relaxed)).empty();
}

// Does what can be had of one job, until it is another's turn. Whether there was anything.
bool work_on(Board& board, std::uint32_t slot, std::uint32_t id, unsigned worker, Shift& shift,
             const Surroundings& around) {
    Posting& posting = board.postings[slot];
    Place& place = board.places[worker];
    Cell& cell = board.cell(slot, worker);
    WorkerContext context(board, worker, cell, cell.reached);
    const Job& job = posting.job;
    const auto run = [&](std::size_t first, std::size_t last) {
        if (!board.timed) return job.run(job, first, last, context);
        for (std::size_t item = first; item < last; ++item) {
            context.reach(item);
            job.run(job, item, item + 1, context);
        }
        place.item_began_ns.store(0);
    };
    ChunkTimer timer(place.times, place.record, id, os::current_pid());
    const std::int64_t began = timer.began();
    std::uint32_t claim = 1;
    bool worked = false, turn_over = false;
    do {
        std::uint64_t grains = 0;
        const auto report = [&] {
            if (grains == 0) return;
            const std::uint64_t done =
                posting.done.fetch_add(grains, std::memory_order_seq_cst) + grains;
            if (done == posting.grains || posting.audit.load(std::memory_order_seq_cst))
                ring_if_parked(board, around);
            grains = 0;
        };
        timer.resume();
        for (Range mine; !turn_over && !(mine = take_own(cell, claim)).empty();) {
            const std::size_t first = mine.low * posting.grain;
            const std::size_t last = std::min(mine.high * posting.grain, job.size);
            run(first, last);
            for (std::uint32_t grain = mine.low; grain < mine.high; ++grain)
                posting.flags[grain].store(finished_grain, std::memory_order_release);
            grains += mine.size();
            if (posting.adaptive) {
                // As many as take a good while, but no more than a part of what is left: the others
                // shall find something to steal at the end.
                const std::int64_t took = timer.lap(first, last - first);
                const auto fits = static_cast<std::uint64_t>(
                    worthwhile_ns * std::int64_t{mine.size()} / std::max<std::int64_t>(took, 1));
                const std::uint32_t left = Range::of(cell.range.load()).size();
                claim = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(
                    std::min<std::uint64_t>({fits, std::uint64_t{claim} * 8, left / 4}), 1,
                    posting.grains));
            } else {
                timer.ran(first, last - first);
            }
            worked = true;
            shift.ran();
            if (posting.audit.load(std::memory_order_relaxed)) report();
            if (others_wait(board, slot, worker)) turn_over = timer.now() - began > turn_ns;
            turn_over |= shift.over();
        }
        timer.report();
        report();
    } while (!turn_over && steal(board, slot, worker));
    return worked;
}

// Who takes each task as it comes shares every cache line with who submits them, which is slow for
// both; a microsecond later there are several. But not while somebody waits.
void let_some_gather(const Board& board) {
    if (board.yield_instead) return;
    for (int i = 0; i < 50 && board.waits.load(std::memory_order_relaxed) == 0; ++i) os::relax();
}

// Runs again what a worker that died had claimed of a job, item by item.
void run_again(Board& board, unsigned worker, const Series& series) {
    const std::uint32_t slot = series.job % Board::slots;
    Posting& posting = board.postings[slot];
    const Job& job = posting.job;
    WorkerContext context(board, worker, board.cell(slot, worker),
                          board.queue_cell(worker).reached);
    for (std::size_t item = series.next, end = series.end; item < end; ++item) {
        context.reach(item);
        job.run(job, item, item + 1, context);
        // After the last of these the job may be no more.
        if ((item + 1) % posting.grain == 0 || item + 1 == job.size)
            posting.flags[item / posting.grain].store(finished_grain, std::memory_order_release);
    }
}

JobId recorded_job(TaskSlot& task) {
    return task.kind == TaskKind::series ? Series::of(task).recorded_as * Board::slots : 0;
}

// Runs tasks from the queue, until it is something else's turn. Whether there were any.
bool work_on_queue(Board& board, unsigned worker, Shift& shift, const Surroundings& around) {
    Queue& queue = board.queue;
    Place& place = board.places[worker];
    Cell& cell = board.queue_cell(worker);
    WorkerContext context(board, worker, cell, cell.reached);
    const auto run = [&](TaskSlot& task) {
        if (task.kind == TaskKind::series && Series::of(task).job != 0)
            run_again(board, worker, Series::of(task));
        else
            task.type->run(task, context);
        if (board.timed) place.item_began_ns.store(0);
    };
    ChunkTimer timer(place.times, place.record, 0, os::current_pid());
    const std::int64_t began = timer.began();
    constexpr std::uint32_t few = 8;
    std::uint32_t taken = few;
    bool worked = false, turn_over = false;
    do {
        timer.resume();
        for (Range mine; !turn_over && !(mine = take_own(cell, 1)).empty();) {
            TaskSlot* task = queue.at(mine.low).load(std::memory_order_relaxed);
            if (task == nullptr) continue;                     // it had come into the queue twice
            place.task.store(task, std::memory_order_relaxed); // the exchange below is a barrier
            cell.reached.store(0, std::memory_order_relaxed);  // nor can it be that of another
            auto expected = static_cast<std::uint32_t>(TaskState::open);
            if (task->state.compare_exchange_strong(
                    expected, static_cast<std::uint32_t>(TaskState::running) + worker,
                    std::memory_order_acq_rel)) {
                // After the last store the task may be the next one already.
                const std::uint32_t items = task->items, first = task->first;
                if (board.timed) context.reach(0);
                if (place.record != nullptr) timer.turn_to(recorded_job(*task));
                const bool is_chunk = task->kind == TaskKind::series && Series::of(*task).job == 0;
                run(*task);
                if (is_chunk) timer.lap(first, items); // who waits for it may then ask for stats()
                const TaskState end =
                    task->failure == nullptr ? TaskState::finished : TaskState::failed;
                task->state.store(static_cast<std::uint32_t>(end), std::memory_order_seq_cst);
                ring_if_parked(board, around);
                if (!is_chunk) timer.ran(first, items);
                worked = true;
                shift.ran();
            }
            if (queue.at(mine.low).load(std::memory_order_relaxed) == task)
                queue.at(mine.low).store(nullptr, std::memory_order_release);
            if (others_wait(board, Board::slots, worker)) turn_over = timer.now() - began > turn_ns;
            turn_over |= shift.over();
        }
        timer.report();
        if (turn_over) break;
        if (taken < few) let_some_gather(board);
        taken = take_from_queue(board, worker);
        if (taken == 0 && !steal(board, Board::slots, worker)) break;
        wake_another(board, cell);
    } while (true);
    return worked;
}

} // namespace

bool start_worker(Board& board, unsigned worker, const Initializer& initializer,
                  const Surroundings& around) noexcept {
    Place& place = board.places[worker];
    place.times.began_ns.store(now_ns());
    set_worker(board.first_worker + worker, around.backend);
    bool ready = true;
    const SameProcess here;
    try {
        initializer();
        here.check();
    } catch (...) {
        here.check();
        place.init_failure.store(write_down(place, 0), std::memory_order_release);
        ready = false;
    }
    place.times.ready_ns.store(now_ns());
    place.state.store(ready ? WorkerState::ready : WorkerState::failed, std::memory_order_seq_cst);
    ring_if_parked(board, around);
    return ready;
}

void serve(Board& board, unsigned worker, const Surroundings& around) noexcept {
    Place& place = board.places[worker];
    // Announce first, then look: the owner withdraws first, then looks who is still inside.
    const auto visit = [&](std::uint32_t what, auto work) {
        place.visits.fetch_add(1, std::memory_order_seq_cst);
        place.in_job.store(what, std::memory_order_seq_cst);
        const bool worked = work();
        place.in_job.store(0, std::memory_order_seq_cst);
        return worked;
    };
    Shift shift(board);
    bool slept_long = false;
    for (unsigned turn = worker;; ++turn) {
        const std::uint32_t seen = board.bell.load(std::memory_order_seq_cst);
        bool worked =
            visit(Place::in_queue, [&] { return work_on_queue(board, worker, shift, around); });
        const std::uint32_t active = board.active.load(std::memory_order_seq_cst);
        for (std::uint32_t i = 0; active != 0 && i < Board::slots; ++i) {
            const std::uint32_t slot = (turn + i) % Board::slots;
            if ((active >> slot & 1) == 0 || shift.over()) continue;
            const std::uint32_t id = board.postings[slot].id.load(std::memory_order_seq_cst);
            if (id == 0) continue;
            worked |= visit(id, [&] {
                return board.postings[slot].id.load(std::memory_order_seq_cst) == id &&
                       work_on(board, slot, id, worker, shift, around);
            });
            if (board.postings[slot].audit.load(std::memory_order_seq_cst))
                ring_if_parked(board, around);
        }
        if (shift.over()) {
            place.retired.store(1, std::memory_order_seq_cst);
            place.times.leave();
            return;
        }
        if (worked) continue;
        if (board.order.load(std::memory_order_seq_cst) == Order::leave &&
            board.bell.load(std::memory_order_seq_cst) == seen && !board.queue.has_unclaimed()) {
            place.times.leave();
            return;
        }
        // After a long sleep the owner, too, sleeps: it is called sooner on a CPU where nobody
        // spins.
        slept_long = wait_for_bell(board, worker, seen, !slept_long);
    }
}

} // namespace mp::detail
