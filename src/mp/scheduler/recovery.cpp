// What becomes of a dead worker's share.

#include "mp/scheduler/scheduler.hpp"

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>
#include <utility>

namespace mp::detail {

// Whether the item that the worker died of shall be run again; counts its deaths.
bool Crew::runs_again(const Death& death, std::uint16_t& deaths) const noexcept {
    if (death.final) return false;
    if (!death.counts) return true;
    constexpr auto most = std::numeric_limits<std::uint16_t>::max();
    deaths = deaths == most ? most : static_cast<std::uint16_t>(deaths + 1);
    return deaths <= retries_;
}

// ---- What it had of a job.

void Crew::lose(Flight& flight, std::size_t item, const Death& death) {
    if (!flight.loss || item < flight.loss->item)
        flight.loss = FailureNote{item, death.pid, death.fate, death.status, 0, 0, nullptr};
}

// All grains that end within from .. to - 1.
void Crew::mark_grains(Flight& flight, std::size_t from, std::size_t to, Flag flag) noexcept {
    Posting& there = posting(flight);
    for (std::size_t grain = from / there.grain; grain * there.grain < to; ++grain)
        if (std::min((grain + 1) * there.grain, there.job.size) <= to)
            there.flags[grain].store(flag, std::memory_order_release);
}

// The items from .. to - 1 are run again: what the worker wrote down of their failure is void.
void Crew::forget_failure(Flight& flight, unsigned worker, std::size_t from,
                          std::size_t to) noexcept {
    Cell& cell = board_->cell(slot_of(flight.id), worker);
    const FailureNote* note = cell.failure.load(std::memory_order_acquire);
    if (note == nullptr || note->item < from || note->item >= to) return;
    cell.failure.store(nullptr);
    (void)board_->release(note);
}

// A task that runs the items first .. last - 1, one by one. `last` is the end of a grain, and so is
// that of all grains before it.
void Crew::run_again(Flight& flight, std::size_t first, std::size_t last, std::uint16_t deaths) {
    if (flight.cancelled) {
        mark_grains(flight, first, last, lost_grain);
        ++flight.taken_back;
        return;
    }
    if (first == last) return;
    const auto used =
        std::ranges::find_if(old_repairs_, [](const TaskSlot* t) { return t->done(); });
    TaskSlot* task = nullptr;
    if (used != old_repairs_.end()) {
        task = *used;
        old_repairs_.erase(used);
    } else {
        try {
            // Memory of tasks is never anything but tasks again: see Core::free_tasks_.
            repair_slots_.push_back(arena_take(sizeof(TaskSlot) + sizeof(Series)));
        } catch (const std::exception&) {
            lose(flight, first, {0, ENOMEM, Fate::starved, true, false});
            return mark_grains(flight, first, last, lost_grain);
        }
        task = ::new (repair_slots_.back().data) TaskSlot{};
    }
    task->kind = TaskKind::series;
    task->deaths = deaths;
    task->failure = nullptr;
    task->items = static_cast<std::uint32_t>(last - first);
    task->first = static_cast<std::uint32_t>(first);
    Series::of(*task) = {
        .next = first, .end = last, .first = first, .failures = nullptr, .job = flight.id};
    task->state.store(static_cast<std::uint32_t>(TaskState::open), std::memory_order_release);
    flight.repairs.push_back(task);
    overdue_.push_back(task);
}

bool Crew::is_being_repaired(const Flight& flight, std::uint32_t grain) const noexcept {
    const std::size_t item = grain * board_->postings[slot_of(flight.id)].grain;
    return std::ranges::any_of(flight.repairs, [item](TaskSlot* task) {
        const Series& series = Series::of(*task);
        return !task->done() && item >= series.first && item < series.end;
    });
}

// What the worker had claimed is base .. low - 1. Of the items that it has not finished some may
// have been begun: these are run again. The rest goes back to where it was.
void Crew::lose_of_job(Flight& flight, unsigned worker, const Death& death) {
    Posting& there = posting(flight);
    Cell& cell = board_->cell(slot_of(flight.id), worker);
    const Range loot = Range::of(cell.theft.exchange(0));
    std::uint64_t seen = cell.range.load(std::memory_order_seq_cst);
    const std::uint32_t low = Range::of(seen).low;
    // A thief runs nothing, and its base may already be that of its loot.
    std::uint32_t grain = loot.empty() ? cell.base.load() : low;
    there.audit.store(true, std::memory_order_seq_cst);
    if (seen == 0 && flight.cancelled) {
        // The range was taken back: what it had claimed before is what has no flag at all.
        flight.suspicions.push_back({0, there.grains});
    } else {
        while (grain < low && there.flags[grain].load(std::memory_order_acquire) != open_grain)
            ++grain;
        const std::size_t begin = grain * there.grain;
        const std::size_t end = std::min(low * there.grain, there.job.size);
        if (grain < low && begin < end) {
            std::size_t next = cell.reached.load(std::memory_order_acquire);
            if (next < begin || next > end) next = begin; // of an earlier claim
            const std::size_t unsure =
                std::min(board_->timed ? next + 1 : next + TaskContext::most_block, end);
            const std::size_t whole = (unsure + there.grain - 1) / there.grain * there.grain;
            const std::size_t last = next == end ? end : std::min(whole, end);
            std::uint16_t deaths = 0;
            forget_failure(flight, worker, next, unsure);
            // Where only one item can have been running, it is known.
            if (next + 1 == unsure && !runs_again(death, deaths)) {
                lose(flight, next++, death);
                deaths = 0;
            }
            mark_grains(flight, begin, next, finished_grain);
            run_again(flight, next, last, deaths);
            const auto rest = static_cast<std::uint32_t>((last + there.grain - 1) / there.grain);
            while (!cell.range.compare_exchange_weak(seen, Range{rest, Range::of(seen).high}.word(),
                                                     std::memory_order_seq_cst)) {
            }
        }
    }
    if (!loot.empty()) flight.suspicions.push_back(loot);
    cell.base.store(Range::of(cell.range.load()).low); // the next worker here has claimed nothing
    cell.reached.store(0);
}

// ---- What it had of the queue.

FailureNote* Crew::write_note(std::size_t item, const Death& death) {
    own_notes_.push_back(std::make_unique<FailureNote>(
        FailureNote{item, death.pid, death.fate, death.status, 0, 0, nullptr}));
    return own_notes_.back().get();
}

// A task of several items, from a chunk of imap or to repair a job: it goes on where it was.
void Crew::interrupt_series(TaskSlot& task, unsigned worker, const Death& death) {
    Series& series = Series::of(task);
    const std::size_t begin = series.next;
    const std::size_t item =
        std::clamp<std::size_t>(board_->queue_cell(worker).reached.load(), begin, series.end);
    Flight* flight = series.job != 0 ? &flights_[slot_of(series.job)] : nullptr;
    if (flight != nullptr && flight->id != series.job) { // it was the job's last
        task.state.store(static_cast<std::uint32_t>(TaskState::finished));
        return;
    }
    if (item != begin) task.deaths = 0;
    series.next = item;
    const bool lost = item != series.end && !runs_again(death, task.deaths);
    if (lost) {
        task.deaths = 0;
        ++series.next;
        if (flight != nullptr)
            lose(*flight, item, death);
        else
            series.failures[item] = write_note(series.first + item, death);
    }
    if (flight != nullptr) {
        if (!lost) forget_failure(*flight, worker, item, item + 1);
        mark_grains(*flight, begin, series.next, finished_grain);
    } else if (!lost && item != series.end) {
        (void)board_->release(std::exchange(series.failures[item], nullptr));
    }
    TaskState state = series.next == series.end ? TaskState::finished : TaskState::open;
    if (state == TaskState::open && flight != nullptr && flight->cancelled) {
        mark_grains(*flight, series.next, series.end, lost_grain);
        ++flight->taken_back;
        state = TaskState::cancelled;
    }
    task.state.store(static_cast<std::uint32_t>(state), std::memory_order_seq_cst);
}

void Crew::interrupt(TaskSlot& task, unsigned worker, const Death& death) {
    if (task.kind == TaskKind::series) return interrupt_series(task, worker, death);
    TaskState state = TaskState::open;
    (void)board_->release(std::exchange(task.failure, nullptr)); // it threw, and then died
    if (!runs_again(death, task.deaths)) {
        task.failure = write_note(0, death);
        state = TaskState::failed;
    }
    task.state.store(static_cast<std::uint32_t>(state), std::memory_order_seq_cst);
}

// Every task that it may have held stands in the queue again; who had begun one is known to it.
void Crew::lose_of_queue(unsigned worker, Death death) {
    Queue& queue = board_->queue;
    Cell& cell = board_->queue_cell(worker);
    const Range range = Range::of(cell.range.exchange(0));
    const Range loot = Range::of(cell.theft.exchange(0));
    const auto mine = static_cast<std::uint32_t>(TaskState::running) + worker;
    if (TaskSlot* task = board_->places[worker].task.exchange(nullptr);
        task != nullptr && task->state.load(std::memory_order_seq_cst) == mine) {
        if (sentences_[worker] && sentences_[worker]->task == task) death.final = true;
        interrupt(*task, worker, death);
    }
    const auto look_at = [&](std::uint32_t position) {
        TaskSlot* task = queue.at(position).load(std::memory_order_acquire);
        if (task == nullptr) return;
        const std::uint32_t state = task->state.load(std::memory_order_acquire);
        if (state >= static_cast<std::uint32_t>(TaskState::running))
            return; // another's, who will clear the place itself
        if (state == static_cast<std::uint32_t>(TaskState::open)) overdue_.push_back(task);
        queue.at(position).store(nullptr, std::memory_order_release);
    };
    const std::uint32_t first = loot.empty() ? cell.base.load() : range.low;
    cell.base.store(0);
    for (std::uint32_t at = first; at != range.high; ++at) look_at(at);
    for (std::uint32_t at = loot.low; at != loot.high; ++at) look_at(at);
}

// ---- All of it.

void Crew::condemn(unsigned worker, Fate fate, const TaskSlot* task, std::int64_t began_ns) {
    if (!sentences_[worker]) ++condemned_;
    // Of two calls that are called off the later one is what it runs.
    if (!sentences_[worker] || task != nullptr) sentences_[worker] = Sentence{fate, task, began_ns};
}

bool Crew::works_on(unsigned worker, JobId job) noexcept {
    const Place& place = board_->places[worker];
    if (place.in_job.load() == job) return true;
    TaskSlot* task = place.task.load();
    const Flight& flight = flights_[slot_of(job)];
    return flight.id == job && std::ranges::count(flight.repairs, task) != 0 &&
           task->state.load() == static_cast<std::uint32_t>(TaskState::running) + worker;
}

void Crew::worker_lost(unsigned worker, int status, Fate fate) {
    Place& place = board_->places[worker];
    Death death{place.pid.load(), status, fate, false, true};
    if (const auto& sentence = sentences_[worker]) {
        death.fate = sentence->fate;
        death.counts = false;
        death.final =
            sentence->fate == Fate::timed_out && sentence->began_ns == place.item_began_ns.load();
    }
    place.times.leave();
    place.in_job.store(0, std::memory_order_seq_cst);
    place.item_began_ns.store(0);
    if (place.parked.exchange(0) != 0) board_->sleepers.fetch_sub(1);
    if (worker < 64)
        for (auto* bits : {&board_->spinners, &board_->dozers})
            bits->fetch_and(~(std::uint64_t{1} << worker));
    if (abandoned_) return; // nobody will ask what became of its work
    place.outbox.orphaned();
    for (Flight& flight : flights_) // who has retired has left nothing half done
        if (flight.id != 0 && place.retired.load() == 0) lose_of_job(flight, worker, death);
    lose_of_queue(worker, death);
    if (sentences_[worker]) --condemned_;
    sentences_[worker].reset();
    harvest();
    announce(board_->processes + 64U); // what went back is there for all
}

bool Crew::has_work() noexcept {
    harvest();
    if (!overdue_.empty() || board_->active.load() != 0) return true;
    const Queue& queue = board_->queue;
    if (queue.published.load() != queue.claimed.load()) return true;
    for (unsigned i = 0; i < board_->processes; ++i) {
        const Cell& cell = board_->queue_cell(i);
        if (!Range::of(cell.range.load()).empty() || cell.theft.load() != 0) return true;
    }
    return false;
}

// Nobody works on the job and no grain is left to take: what is still open was lost.
bool Crew::settled(const Flight& flight) noexcept {
    const auto visits = [&] {
        std::uint64_t sum = 0;
        for (unsigned i = 0; i < board_->processes; ++i)
            sum += board_->places[i].visits.load(std::memory_order_seq_cst);
        return sum;
    };
    const std::uint64_t before = visits();
    for (unsigned i = 0; i < board_->processes; ++i) {
        if (board_->places[i].in_job.load(std::memory_order_seq_cst) == flight.id) return false;
        const Cell& cell = board_->cell(slot_of(flight.id), i);
        if (!Range::of(cell.range.load(std::memory_order_seq_cst)).empty()) return false;
    }
    return visits() == before; // nobody came meanwhile and moved what was seen elsewhere
}

} // namespace mp::detail
