// What a Crew has under way: jobs and tasks, from their posting to their end.

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

void Crew::announce(std::uint64_t pieces) noexcept {
    board_->bell.fetch_add(1, std::memory_order_seq_cst);
    wake(pieces);
}

// A worker that is awake looks at the queue before it sleeps; the bell is for those that do. While
// one is awake, another that dozes need not be woken: if the first is busy, it will come soon. If
// it does not, it was stopped, and others are called.
void Crew::announce_task() noexcept {
    const std::uint32_t sleepers = board_->sleepers.load(std::memory_order_seq_cst);
    if (sleepers == 0) return;
    if (sleepers < board_->processes && board_->dozers.load(std::memory_order_seq_cst) != 0) {
        if (++skipped_ % 16 != 0) return; // the clock takes its time, too
        const std::int64_t now = now_ns();
        if (now - skipping_since_ns_ < 2 * cold_ns) return;
        skipping_since_ns_ = now;
    }
    board_->bell.fetch_add(1, std::memory_order_seq_cst);
    wake(1);
}

void Crew::wake(std::uint64_t pieces) noexcept {
    if (board_->sleepers.load(std::memory_order_seq_cst) == 0) return;
    // Who spins comes by itself, but only once: its bit is taken, so that the next announcement
    // does not count on it as well.
    std::uint64_t spinning = board_->spinners.load(std::memory_order_seq_cst);
    for (; pieces != 0 && spinning != 0; spinning &= spinning - 1) {
        const std::uint64_t bit = spinning & (~spinning + 1);
        if ((board_->spinners.fetch_and(~bit, std::memory_order_seq_cst) & bit) != 0) --pieces;
    }
    if (pieces == 0) return;
    if (board_->sleepers.load(std::memory_order_relaxed) >= board_->processes) all_slept_ = true;
    os::futex_wake(board_->bell,
                   static_cast<int>(std::min<std::uint64_t>(pieces, board_->processes)));
}

// A slot that no job has and no worker looks at.
Crew::Flight* Crew::free_flight() noexcept {
    for (Flight& flight : flights_) {
        if (flight.id != 0) continue;
        bool watched = false;
        for (unsigned i = 0; flight.last_id != 0 && i < board_->processes; ++i)
            watched = watched ||
                      board_->places[i].in_job.load(std::memory_order_seq_cst) == flight.last_id;
        if (!watched) return &flight;
    }
    return nullptr;
}

void Crew::split_job(const Job& job, Posting& to) const {
    std::size_t grain = job.chunksize;
    to.adaptive = grain == 0;
    if (grain == 0) grain = (job.size - 1) / (grains_per_worker * board_->processes) + 1;
    // A range has 32 bits for a grain's number.
    constexpr std::size_t most = ~std::uint32_t{0} - 1;
    to.grain = std::max(std::min(grain, job.size), (job.size - 1) / most + 1);
    to.grains = static_cast<std::uint32_t>((job.size - 1) / to.grain + 1);
}

JobId Crew::post(const Job& job) {
    std::unique_lock lock(mutex_);
    Flight* flight = nullptr;
    const auto room = [&] { return (flight = free_flight()) != nullptr; };
    while (!room()) {
        // Who looks at an old job will look away soon, without a word.
        const auto soon = os::Clock::now() + std::chrono::milliseconds(1);
        wait(lock, room, soon);
    }
    check_open();
    const auto slot = static_cast<std::uint32_t>(flight - flights_.data());
    if (++jobs_ >= ~JobId{0} / Board::slots) jobs_ = 1;
    const JobId id = jobs_ * Board::slots + slot;

    Posting& posting = board_->postings[slot];
    posting.job = job;
    split_job(job, posting);
    if (job.closure_size <= inline_closure) {
        std::memcpy(posting.closure, job.closure, job.closure_size);
        posting.job.closure = posting.closure;
    } else {
        flight->large_closure = arena_take(job.closure_size);
        std::memcpy(flight->large_closure.data, job.closure, job.closure_size);
        posting.job.closure = flight->large_closure.data;
    }
    posting.flags = posting.small_flags;
    if (posting.grains > inline_flags) {
        try {
            flight->large_flags = arena_take(posting.grains);
        } catch (...) {
            arena_release(std::exchange(flight->large_closure, {}));
            throw;
        }
        posting.flags = reinterpret_cast<std::atomic<std::uint8_t>*>(flight->large_flags.data);
    }
    std::memset(static_cast<void*>(posting.flags), open_grain, posting.grains);
    posting.done.store(0, std::memory_order_relaxed);
    posting.audit.store(false, std::memory_order_relaxed);

    const std::uint64_t workers = board_->processes;
    for (unsigned i = 0; i < workers; ++i) {
        Cell& cell = board_->cell(slot, i);
        const auto low = static_cast<std::uint32_t>(posting.grains * std::uint64_t{i} / workers);
        const auto high =
            static_cast<std::uint32_t>(posting.grains * (std::uint64_t{i} + 1) / workers);
        cell.base.store(low, std::memory_order_relaxed);
        cell.reached.store(0, std::memory_order_relaxed);
        cell.theft.store(0, std::memory_order_relaxed);
        cell.failure.store(nullptr, std::memory_order_relaxed);
        cell.range.store(Range{low, high}.word(), std::memory_order_release);
    }
    flight->id = flight->last_id = id;
    flight->first_open = flight->taken_back = 0;
    flight->cancelled = flight->withdrawn = false;
    posting.id.store(id, std::memory_order_seq_cst);
    board_->active.fetch_or(1U << slot, std::memory_order_seq_cst);
    announce(posting.grains);
    return id;
}

bool Crew::finished(JobId id) noexcept {
    const Posting& there = board_->postings[slot_of(id)];
    // In one order with owner_parked: see Crew::wait.
    return there.id.load(std::memory_order_seq_cst) != id || // it has landed
           there.done.load(std::memory_order_seq_cst) == there.grains.load();
}

void Crew::finish(JobId id) {
    std::exception_ptr error;
    {
        std::unique_lock lock(mutex_);
        harvest();
        auto found = ended_.find(id);
        if (found == ended_.end() && abandoned_) { // workers may still be busy with it
            changed_.wait(lock, [this] { return given_up_; });
            found = ended_.find(id);
        }
        if (found == ended_.end()) check_alive();
        if (found == ended_.end())
            throw std::logic_error("mp: a job is finished that is still under way");
        error = found->second;
        ended_.erase(found);
    }
    if (error) std::rethrow_exception(error);
}

void Crew::harvest() noexcept {
    for (std::uint32_t active = board_->active.load(std::memory_order_relaxed); active != 0;
         active &= active - 1)
        if (Flight& flight = flights_[static_cast<std::size_t>(std::countr_zero(active))];
            is_finished(flight)) {
            std::exception_ptr error = error_of(flight);
            ended_.emplace(flight.id, std::move(error));
            land(flight);
        }
    while (!overdue_.empty() &&
           board_->queue.at(board_->queue.published.load()).load() == nullptr) {
        enqueue(overdue_.front());
        announce_task();
        overdue_.pop_front();
    }
}

bool Crew::is_finished(Flight& flight) noexcept {
    if (flight.withdrawn) return false;
    Posting& there = posting(flight);
    if (there.done.load(std::memory_order_seq_cst) == there.grains.load()) return true;
    if (!there.audit.load(std::memory_order_relaxed)) return false;
    if (flight.cancelled) take_back(flight); // a thief may have brought a range home since
    // A dead worker took its count of finished grains with it: the flags tell.
    std::uint32_t& open = flight.first_open;
    const auto skip = [&] {
        while (open < there.grains &&
               there.flags[open].load(std::memory_order_acquire) != open_grain)
            ++open;
        return open == there.grains;
    };
    if (skip()) return true;
    if (flight.suspicions.empty() || !settled(flight)) return false;
    for (const Range& suspicion : std::exchange(flight.suspicions, {}))
        for (std::uint32_t grain = suspicion.low; grain < suspicion.high; ++grain) {
            if (there.flags[grain].load(std::memory_order_acquire) != open_grain ||
                is_being_repaired(flight, grain))
                continue;
            const std::size_t first = grain * there.grain;
            run_again(flight, first, std::min(first + there.grain, there.job.size), 0);
        }
    return skip();
}

// Only the failed item with the lowest index is told of.
std::exception_ptr Crew::error_of(Flight& flight) {
    const FailureNote* failed = nullptr;
    for (unsigned i = 0; i < board_->processes; ++i) {
        const FailureNote* note =
            board_->cell(slot_of(flight.id), i).failure.load(std::memory_order_acquire);
        if (note != nullptr && (failed == nullptr || note->item < failed->item)) failed = note;
    }
    std::exception_ptr error;
    if (flight.loss && (failed == nullptr || flight.loss->item < failed->item))
        error = detail::error_of(*flight.loss);
    else if (failed != nullptr)
        error = detail::error_of(*failed);
    else if (flight.taken_back != 0)
        error = std::make_exception_ptr(Cancelled());
    for (unsigned i = 0; i < board_->processes; ++i)
        (void)board_->release(board_->cell(slot_of(flight.id), i).failure.load());
    return error;
}

void Crew::land(Flight& flight) noexcept {
    const std::uint32_t slot = slot_of(flight.id);
    board_->active.fetch_and(~(1U << slot), std::memory_order_seq_cst);
    board_->postings[slot].id.store(0, std::memory_order_seq_cst);
    flight.id = 0;
    flight.loss.reset();
    flight.suspicions.clear();
    old_repairs_.insert(old_repairs_.end(), flight.repairs.begin(), flight.repairs.end());
    flight.repairs.clear();
    arena_release(std::exchange(flight.large_closure, {}));
    arena_release(std::exchange(flight.large_flags, {}));
}

void Crew::take_back(Flight& flight) noexcept {
    Posting& there = posting(flight);
    for (unsigned i = 0; i < board_->processes; ++i) {
        const Range range = Range::of(board_->cell(slot_of(flight.id), i).range.exchange(0));
        for (std::uint32_t grain = range.low; grain < range.high; ++grain)
            there.flags[grain].store(lost_grain, std::memory_order_release);
        flight.taken_back += range.size();
    }
    for (TaskSlot* repair : flight.repairs) {
        auto open = static_cast<std::uint32_t>(TaskState::open);
        if (!repair->state.compare_exchange_strong(
                open, static_cast<std::uint32_t>(TaskState::cancelled)))
            continue;
        const Series& series = Series::of(*repair);
        mark_grains(flight, series.next, series.end, lost_grain);
        ++flight.taken_back;
    }
}

void Crew::cancel(JobId id) noexcept {
    const std::lock_guard lock(mutex_);
    for (Flight& flight : flights_) {
        if (flight.id != id) continue;
        flight.cancelled = true;
        posting(flight).audit.store(true, std::memory_order_seq_cst);
        take_back(flight);
    }
    changed_.notify_all();
    doorbell_.ring();
}

// ---- Tasks.

// A part of the ring that has been worked off gives its pages back, so that a long walk needs no
// more memory than a short one.
void Crew::tidy_queue(std::uint32_t position) noexcept {
    const std::uint32_t first = position % Queue::room;
    if (first >= ring_used_) return; // never used
    for (std::uint32_t i = 0; i < Queue::part; ++i)
        if (board_->queue.ring[first + i].load(std::memory_order_acquire) != nullptr) return;
    arena_drop(ring_.data + first * sizeof(std::atomic<TaskSlot*>),
               Queue::part * sizeof(std::atomic<TaskSlot*>));
}

void Crew::enqueue(TaskSlot* task) noexcept {
    Queue& queue = board_->queue;
    const std::uint32_t at = queue.published.load(std::memory_order_relaxed);
    if (at % Queue::part == 0) tidy_queue(at - 2 * Queue::part);
    queue.at(at).store(task, std::memory_order_relaxed);
    queue.published.store(at + 1, std::memory_order_seq_cst);
    ring_used_ = std::max(ring_used_, at % Queue::room + 1);
}

void Crew::submit(TaskSlot& task) {
    std::unique_lock lock(mutex_);
    Queue& queue = board_->queue;
    const auto room = [&] {
        return overdue_.empty() && queue.at(queue.published.load(std::memory_order_relaxed))
                                           .load(std::memory_order_acquire) == nullptr;
    };
    while (!room()) {
        const auto soon = os::Clock::now() + std::chrono::milliseconds(1);
        wait(lock, room, soon);
    }
    check_open();
    if (condemned_ != 0)
        for (auto& sentence : sentences_) // that was another task, in the same memory
            if (sentence && sentence->task == &task) sentence->task = nullptr;
    enqueue(&task);
    announce_task();
}

void Crew::release(const void* data) noexcept {
    if (data == nullptr || board_->release(data)) return;
    const std::lock_guard lock(mutex_);
    std::erase_if(own_notes_, [data](const auto& own) { return own.get() == data; });
}

} // namespace mp::detail
