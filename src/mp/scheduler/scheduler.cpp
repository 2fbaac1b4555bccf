#include "mp/scheduler/scheduler.hpp"

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
#include "mp/interrupt_event.hpp"
#include "mp/os/cpu.hpp"
#include "mp/os/futex.hpp"

namespace mp::detail {

namespace {

constexpr auto spin_time = std::chrono::microseconds(30);
constexpr std::size_t largest_outbox = std::size_t{16} << 30;

// process_cpu_count(), as it was at most a second ago: it reads several files, which takes as long
// as starting a worker.
unsigned usable_cpus() {
    static std::atomic<std::int64_t> until_ns = 0; // no lock, which a fork might find taken
    static std::atomic<unsigned> count = 0;
    if (now_ns() > until_ns.load()) {
        count = process_cpu_count();
        until_ns = now_ns() + 1'000'000'000;
    }
    return count;
}

void relax(const Board& board) {
    if (board.yield_instead)
        std::this_thread::yield();
    else
        os::relax();
}

} // namespace

Crew::Crew(const BackendOptions& options, Watch watch)
    : watch_(std::move(watch)), retries_(options.retries), sentences_(options.processes) {
    const unsigned processes = options.processes;
    (void)interrupt_bell();
    memory_ = arena_take(Board::bytes(processes));
    try {
        std::memset(memory_.data, 0, Board::bytes(processes));
        board_ = Board::make(memory_.data, processes, usable_cpus());
        board_->first_worker = options.first_worker;
        board_->maxtasksperchild = options.maxtasksperchild;
        board_->timed = options.task_timeout > options.task_timeout.zero();
        ring_ = arena_take_addresses(Queue::room * sizeof(std::atomic<TaskSlot*>));
        board_->queue.ring = reinterpret_cast<std::atomic<TaskSlot*>*>(ring_.data);
        const std::size_t share = std::bit_floor(
            std::min(largest_outbox, arena_size() / 64 / std::bit_ceil(std::size_t{processes})));
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
    for (const Block& block : repair_slots_) arena_release(block);
    for (const Block& block : records_) arena_release(block);
    for (const Block& block : {outboxes_, ring_, memory_}) arena_release(block);
}

// ---- Waiting.

bool Crew::spin(const std::function<bool()>& done) {
    // Waking up takes longer than spinning is worth, and the worker may want this very CPU. But who
    // comes back soon wants all to stay awake.
    if (all_slept_.load(std::memory_order_relaxed)) {
        all_slept_.store(false, std::memory_order_relaxed);
        const std::int64_t now = now_ns();
        if (now - cold_wait_ns_.exchange(now, std::memory_order_relaxed) > cold_ns) return done();
    }
    struct Waits {
        std::atomic<std::uint32_t>& number;
        explicit Waits(std::atomic<std::uint32_t>& n) : number(n) { ++number; }
        ~Waits() { --number; }
    } const waits(board_->waits);
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

namespace {

os::Deadline earlier(os::Deadline a, os::Deadline b) {
    return a && b ? std::min(*a, *b) : a ? a : b;
}

// Sleeps until one of the descriptors is ready or the time has come; with a time in short pieces,
// so that a stop by Ctrl-Z shows: its length, which is nobody's time.
os::Clock::duration sleep(std::vector<os::Watched>& watched, os::Deadline until) {
    constexpr auto piece = std::chrono::milliseconds(100);
    constexpr auto late = std::chrono::milliseconds(50); // later than a busy machine would be
    if (!until) {
        os::wait_ready(watched, until);
        return {};
    }
    for (;;) {
        const auto start = os::Clock::now();
        const auto wake = std::max(start, std::min(*until, start + piece)); // it may be long past
        const bool ready = os::wait_ready(watched, wake);
        const auto now = os::Clock::now();
        if (now > wake + late) return now - wake;
        if (ready || now >= *until || now < wake) return {};
    }
}

} // namespace

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
        std::vector<os::Watched> watched = watch_.descriptors;
        const std::size_t extra = watched.size();
        watched.push_back(os::watch(doorbell_.descriptor()));
        watched.push_back(os::watch(interrupt_bell().descriptor()));
        const os::Deadline until = earlier(deadline, watch_.look_by());
        lock.unlock();
        const auto paused = sleep(watched, until);
        lock.lock();
        if (paused > paused.zero()) {
            if (deadline) *deadline += std::min(paused, os::Clock::time_point::max() - *deadline);
            paused_ns_ += std::chrono::nanoseconds(paused).count();
            went_on_ns_ = now_ns();
        }
        if (os::is_ready(watched[extra])) doorbell_.silence();
        if (watch_.descriptors.size() == extra)
            for (std::size_t i = 0; i < extra; ++i)
                if (watch_.descriptors[i].fd == watched[i].fd)
                    watch_.descriptors[i].revents = watched[i].revents;
        watch_.look();
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

// ---- The end.

void Crew::order_to_leave() noexcept {
    board_->order.store(Order::leave, std::memory_order_seq_cst);
    board_->bell.fetch_add(1, std::memory_order_seq_cst);
    os::futex_wake(board_->bell, static_cast<int>(board_->processes));
}

void Crew::take_all_back() noexcept {
    harvest();
    overdue_.clear();
    // No worker comes in any more; then those that are in are left nothing.
    for (const Flight& flight : flights_)
        if (flight.id != 0) board_->postings[slot_of(flight.id)].id.store(0);
    board_->queue.claimed.store(board_->queue.published.load());
    for (Flight& flight : flights_) {
        if (flight.id == 0) continue;
        const std::uint32_t before = flight.taken_back;
        take_back(flight);
        // What the user had cancelled is finished all the same, as such.
        flight.withdrawn |= !flight.cancelled && flight.taken_back != before;
    }
    for (unsigned i = 0; i < board_->processes; ++i) board_->queue_cell(i).range.exchange(0);
}

void Crew::withdraw() noexcept {
    std::unique_lock lock(mutex_);
    const auto busy = [&] {
        take_all_back(); // again each time: a thief may have brought a range home since
        for (unsigned i = 0; i < board_->processes; ++i)
            if (board_->places[i].in_job.load() != 0) return true;
        return false;
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
        for (Flight& flight : flights_) flight.suspicions.clear(); // no worker will clear them up
        harvest();
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
        all.back().restarts = place.restarts.load();
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

} // namespace mp::detail
