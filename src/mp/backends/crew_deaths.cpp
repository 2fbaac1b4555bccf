// What becomes of a dead worker's share.

#include "mp/backends/crew.hpp"

namespace mp::detail {

void Crew::lose(Flight& flight, std::uint32_t grain, pid_t pid, int status) {
    flight.losses.push_back({grain, pid, status});
    posting(flight).flags[grain].store(lost_grain, std::memory_order_release);
}

// What the worker had claimed is base .. low - 1. It was running the first of those without a flag;
// the rest goes back to where it was.
void Crew::lose_of_job(Flight& flight, unsigned worker, pid_t pid, int status) {
    Posting& there = posting(flight);
    Cell& cell = board_->cell(slot_of(flight.id), worker);
    const Range loot = Range::of(cell.theft.exchange(0));
    std::uint64_t seen = cell.range.load(std::memory_order_seq_cst);
    const std::uint32_t low = Range::of(seen).low;
    // A thief runs nothing, and its base may already be that of its loot.
    std::uint32_t running = loot.empty() ? cell.base.load() : low;
    if (seen == 0 && flight.cancelled) {
        // The range was taken back: what it had claimed before is what has no flag at all.
        flight.suspicions.push_back({{0, there.grains}, pid, status});
    } else {
        while (running < low && there.flags[running].load(std::memory_order_acquire) != open_grain)
            ++running;
        if (running < low) {
            lose(flight, running, pid, status);
            while (!cell.range.compare_exchange_weak(
                seen, Range{running + 1, Range::of(seen).high}.word(), std::memory_order_seq_cst)) {
            }
        }
    }
    if (!loot.empty()) flight.suspicions.push_back({loot, pid, status});
    cell.base.store(Range::of(cell.range.load()).low); // the next worker here has claimed nothing
    there.audit.store(true, std::memory_order_seq_cst);
}

// Every task that it may have held stands in the queue again; who had begun one is known to it.
void Crew::lose_of_queue(unsigned worker, pid_t pid, int status) {
    Queue& queue = board_->queue;
    Cell& cell = board_->queue_cell(worker);
    const Range range = Range::of(cell.range.exchange(0));
    const Range loot = Range::of(cell.theft.exchange(0));
    const auto mine = static_cast<std::uint32_t>(TaskState::running) + worker;
    if (TaskSlot* task = board_->places[worker].task.exchange(nullptr);
        task != nullptr && task->state.load(std::memory_order_seq_cst) == mine) {
        task->loss = {pid, status};
        task->state.store(static_cast<std::uint32_t>(TaskState::lost), std::memory_order_seq_cst);
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

void Crew::worker_lost(unsigned worker, int status) {
    Place& place = board_->places[worker];
    const pid_t pid = place.pid.load();
    place.times.leave();
    place.in_job.store(0, std::memory_order_seq_cst);
    if (place.parked.exchange(0) != 0) board_->sleepers.fetch_sub(1);
    if (worker < 64)
        for (auto* bits : {&board_->spinners, &board_->dozers})
            bits->fetch_and(~(std::uint64_t{1} << worker));
    if (abandoned_) return; // nobody will ask what became of its work
    place.outbox.orphaned();
    for (Flight& flight : flights_)
        if (flight.id != 0) lose_of_job(flight, worker, pid, status);
    lose_of_queue(worker, pid, status);
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
