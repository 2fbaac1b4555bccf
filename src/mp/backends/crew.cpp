#include "mp/backends/crew.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <new>
#include <stdexcept>
#include <thread>
#include <utility>

#include "mp/cpu.hpp"
#include "mp/interrupt.hpp"
#include "mp/interrupt_bell.hpp"
#include "mp/os/cpu.hpp"
#include "mp/os/futex.hpp"

namespace mp::detail {

namespace {

constexpr auto spin_time = std::chrono::microseconds(30);
// Where the pool chooses: claims start with one grain and grow while they are short.
constexpr std::size_t grains_per_worker = 512;
constexpr std::size_t largest_outbox = std::size_t{16} << 30;

void relax(const Board& board) {
    if (board.yield_instead)
        std::this_thread::yield();
    else
        os::relax();
}

} // namespace

Crew::Crew(const BackendOptions& options, std::vector<os::Watched>& watched,
           std::function<void()> look)
    : watched_(watched), look_(std::move(look)) {
    const unsigned processes = options.processes;
    (void)interrupt_bell();
    memory_ = arena_take(Board::bytes(processes));
    try {
        std::memset(memory_.data, 0, Board::bytes(processes));
        board_ = Board::make(memory_.data, processes, process_cpu_count());
        ring_ = arena_take_addresses(Queue::room * sizeof(std::atomic<TaskSlot*>));
        board_->queue.ring = reinterpret_cast<std::atomic<TaskSlot*>*>(ring_.data);
        const std::size_t share =
            std::bit_floor(std::min(largest_outbox, arena_size() / 64 / std::bit_ceil(processes)));
        outboxes_ = arena_take_addresses(share * processes);
        for (unsigned i = 0; i < processes; ++i) {
            Place& place = board_->places[i];
            place.outbox.open(outboxes_.data + i * share, share);
            place.times.asked_ns = made_ns_;
            if (!options.trace) continue;
            records_.push_back(arena_take(sizeof(ChunkRecord)));
            place.record = ::new (records_.back().data) ChunkRecord();
        }
    } catch (...) {
        for (const Block& block : records_) arena_release(block);
        for (const Block& block : {outboxes_, ring_, memory_}) arena_release(block);
        throw;
    }
}

Crew::~Crew() {
    give_up();
    for (unsigned i = 0; i < board_->processes; ++i) board_->places[i].outbox.close();
    if (ring_used_ != 0) arena_drop(ring_.data, ring_used_ * sizeof(std::atomic<TaskSlot*>));
    for (const Block& block : records_) arena_release(block);
    for (const Block& block : {outboxes_, ring_, memory_}) arena_release(block);
}

// ---- Waiting.

bool Crew::spin(const std::function<bool()>& done) const {
    const auto until = os::Clock::now() + spin_time;
    do {
        for (int i = 0; i < 100; ++i) {
            if (done()) return true;
            relax(*board_);
        }
    } while (os::Clock::now() < until);
    return false;
}

void Crew::check_open() const {
    check_alive();
    if (board_->order.load() == Order::leave)
        throw std::logic_error("mp::Pool: used after close()");
}

void Crew::check_alive() const {
    if (interrupted()) throw Interrupted();
    if (abandoned_.load()) throw BrokenPool(why_abandoned_);
    if (given_up_) throw BrokenPool("mp: the pool was terminated");
}

bool Crew::wait(const std::function<bool()>& done, os::Deadline deadline) {
    const bool in_time = !deadline || os::Clock::now() < *deadline;
    if (in_time ? spin(done) : done()) return true;
    std::unique_lock lock(mutex_);
    return wait(lock, done, deadline);
}

bool Crew::wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& done,
                os::Deadline deadline) {
    struct Watching { // the thread that sleeps on the descriptors
        Crew& crew;
        explicit Watching(Crew& c) : crew(c) {
            crew.watching_ = true;
            crew.board_->owner_parked.store(1, std::memory_order_seq_cst);
        }
        ~Watching() {
            crew.watching_ = false;
            crew.board_->owner_parked.store(0, std::memory_order_relaxed);
            crew.changed_.notify_all();
        }
    };
    for (;;) {
        harvest();
        if (done()) return true;
        check_alive();
        if (watching_) {
            if (deadline && os::Clock::now() >= *deadline) return false;
            if (deadline)
                changed_.wait_until(lock, *deadline);
            else
                changed_.wait(lock);
            continue;
        }
        const Watching watching(*this);
        harvest();
        if (done()) return true; // it may have come before the bell was asked for
        std::vector<os::Watched> watched = watched_;
        const std::size_t extra = watched.size();
        watched.push_back(os::watch(doorbell_.descriptor()));
        watched.push_back(os::watch(interrupt_bell().descriptor()));
        lock.unlock();
        os::wait_ready(watched, deadline);
        lock.lock();
        if (os::is_ready(watched[extra])) doorbell_.silence();
        if (watched_.size() == extra)
            for (std::size_t i = 0; i < extra; ++i)
                if (watched_[i].fd == watched[i].fd) watched_[i].revents = watched[i].revents;
        look_();
        if (deadline && os::Clock::now() >= *deadline) { // not before a look: someone may have died
            harvest();
            return done();
        }
    }
}

void Crew::abandon(const std::string& why) noexcept {
    {
        const std::lock_guard lock(mutex_);
        if (!abandoned_) why_abandoned_ = why;
        abandoned_ = true;
    }
    changed_.notify_all();
    doorbell_.ring();
}

// ---- Jobs.

void Crew::announce(std::uint64_t pieces) noexcept {
    board_->bell.fetch_add(1, std::memory_order_seq_cst);
    if (board_->sleepers.load(std::memory_order_seq_cst) == 0) return;
    // Who spins comes by itself, but only once: its bit is taken, so that the next announcement
    // does not count on it as well.
    std::uint64_t spinning = board_->spinners.load(std::memory_order_seq_cst);
    for (; pieces != 0 && spinning != 0; spinning &= spinning - 1) {
        const std::uint64_t bit = spinning & (~spinning + 1);
        if ((board_->spinners.fetch_and(~bit, std::memory_order_seq_cst) & bit) != 0) --pieces;
    }
    if (pieces != 0)
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
        cell.theft.store(0, std::memory_order_relaxed);
        cell.failure.store(nullptr, std::memory_order_relaxed);
        cell.range.store(Range{low, high}.word(), std::memory_order_release);
    }
    flight->id = flight->last_id = id;
    flight->first_open = flight->taken_back = 0;
    flight->cancelled = false;
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
        const auto found = ended_.find(id);
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
        enqueue(overdue_.back());
        overdue_.pop_back();
    }
}

bool Crew::is_finished(Flight& flight) noexcept {
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
    for (const Suspicion& suspicion : std::exchange(flight.suspicions, {}))
        for (std::uint32_t grain = suspicion.range.low; grain < suspicion.range.high; ++grain)
            if (there.flags[grain].load(std::memory_order_acquire) == open_grain)
                lose(flight, grain, suspicion.pid, suspicion.status);
    return skip();
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

// Only the failed item with the lowest index is told of.
std::exception_ptr Crew::error_of(Flight& flight) {
    const Posting& there = posting(flight);
    const FailureNote* failed = nullptr;
    for (unsigned i = 0; i < board_->processes; ++i) {
        const FailureNote* note =
            board_->cell(slot_of(flight.id), i).failure.load(std::memory_order_acquire);
        if (note != nullptr && (failed == nullptr || note->item < failed->item)) failed = note;
    }
    std::exception_ptr error;
    const auto lost = std::ranges::min_element(flight.losses, {}, &Loss::grain);
    const std::size_t first =
        lost == flight.losses.end() ? 0 : std::size_t{lost->grain} * there.grain;
    if (lost != flight.losses.end() && (failed == nullptr || first < failed->item))
        error = std::make_exception_ptr(WorkerDied(
            first, std::min(first + there.grain, there.job.size) - 1, lost->pid, lost->status));
    else if (failed != nullptr)
        error = std::make_exception_ptr(detail::error_of(*failed));
    else if (flight.taken_back != 0)
        error = std::make_exception_ptr(Cancelled());
    for (unsigned i = 0; i < board_->processes; ++i)
        release_locked(board_->cell(slot_of(flight.id), i).failure.load());
    return error;
}

void Crew::land(Flight& flight) noexcept {
    const std::uint32_t slot = slot_of(flight.id);
    board_->active.fetch_and(~(1U << slot), std::memory_order_seq_cst);
    board_->postings[slot].id.store(0, std::memory_order_seq_cst);
    flight.id = 0;
    flight.losses.clear();
    flight.suspicions.clear();
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

void Crew::enqueue(TaskSlot* task) noexcept {
    Queue& queue = board_->queue;
    const std::uint32_t at = queue.published.load(std::memory_order_relaxed);
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
    enqueue(&task);
    announce(1);
}

void Crew::release(const void* data) noexcept {
    const auto* at = static_cast<const std::byte*>(data);
    if (at < outboxes_.data || at >= outboxes_.data + outboxes_.size) return;
    const std::size_t share = board_->places[0].outbox.regions * Outbox::region;
    board_->places[static_cast<std::size_t>(at - outboxes_.data) / share].outbox.release(at);
}
void Crew::release_locked(const void* data) noexcept { release(data); }

// ---- Deaths.

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
        task->lost_pid = pid;
        task->lost_status = status;
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
    if (worker < 64) board_->spinners.fetch_and(~(std::uint64_t{1} << worker));
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

// ---- The end.

void Crew::order_to_leave() noexcept {
    board_->order.store(Order::leave, std::memory_order_seq_cst);
    board_->bell.fetch_add(1, std::memory_order_seq_cst);
    os::futex_wake(board_->bell, static_cast<int>(board_->processes));
}

void Crew::withdraw() noexcept {
    std::unique_lock lock(mutex_);
    // Nobody comes in any more; then those who are in are left nothing.
    for (const Flight& flight : flights_)
        if (flight.id != 0) board_->postings[slot_of(flight.id)].id.store(0);
    const auto busy = [&] {
        bool found = false;
        overdue_.clear();
        board_->queue.claimed.store(board_->queue.published.load());
        for (Flight& flight : flights_)
            if (flight.id != 0) take_back(flight);
        for (unsigned i = 0; i < board_->processes; ++i) {
            board_->queue_cell(i).range.exchange(0); // a thief may still bring a range home
            found = found || board_->places[i].in_job.load() != 0;
        }
        return found;
    };
    while (busy()) {
        lock.unlock();
        std::this_thread::sleep_for(std::chrono::microseconds(100));
        lock.lock();
    }
    lock.unlock();
    give_up();
}

void Crew::give_up() noexcept {
    {
        const std::lock_guard lock(mutex_);
        given_up_ = true;
        overdue_.clear();
        for (Flight& flight : flights_)
            if (flight.id != 0) land(flight);
    }
    changed_.notify_all();
}

// ---- Reports.

std::vector<WorkerStats> Crew::stats() const {
    std::vector<WorkerStats> all;
    for (unsigned i = 0; i < board_->processes; ++i) {
        const Place& place = board_->places[i];
        all.push_back(place.times.read());
        all.back().index = i;
        all.back().pid = place.pid.load();
    }
    return all;
}

std::vector<Span> Crew::trace() const {
    std::vector<Span> spans;
    for (unsigned i = 0; i < board_->processes; ++i) {
        const Place& place = board_->places[i];
        if (place.record != nullptr)
            append_spans(spans, i, place.pid.load(), made_ns_, place.times, place.record);
    }
    for (Span& span : spans) span.job /= Board::slots; // ids name the slot as well
    return spans;
}

RemoteError error_of(const FailureNote& note) {
    if (note.text == nullptr)
        return {"an exception whose message found no memory", "unknown type", note.item, note.pid};
    return {std::string(note.text, note.what_size),
            std::string(note.text + note.what_size, note.type_size), note.item, note.pid};
}

} // namespace mp::detail
