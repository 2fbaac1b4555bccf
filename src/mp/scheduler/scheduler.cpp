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
constexpr std::size_t largest_result_heap = std::size_t{16} << 30;

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

void relax(const SharedState& shared) {
    if (shared.yield_instead)
        std::this_thread::yield();
    else
        os::relax();
}

} // namespace

Scheduler::Scheduler(const BackendOptions& options, Watch watch)
    : watch_(std::move(watch)), retries_(options.retries), pending_kills_(options.processes) {
    const unsigned processes = options.processes;
    (void)interrupt_event();
    SharedArena& arena = SharedArena::own();
    memory_ = arena.take(SharedState::bytes(processes));
    std::memset(memory_.data(), 0, SharedState::bytes(processes));
    shared_ = SharedState::make(memory_.data(), processes, usable_cpus());
    shared_->first_worker = options.first_worker;
    shared_->maxtasksperchild = options.maxtasksperchild;
    shared_->timed = options.task_timeout > options.task_timeout.zero();
    buffer_ = arena.take_addresses(TaskQueue::capacity * sizeof(std::atomic<TaskSlot*>));
    shared_->queue.buffer = reinterpret_cast<std::atomic<TaskSlot*>*>(buffer_.data());
    const std::size_t bytes_each = std::bit_floor(
        std::min(largest_result_heap, arena.size() / 64 / std::bit_ceil(std::size_t{processes})));
    result_heaps_ = arena.take_addresses(bytes_each * processes);
    for (unsigned i = 0; i < processes; ++i) {
        WorkerSlot& worker_slot = shared_->worker_slots[i];
        worker_slot.result_heap.open(result_heaps_.data() + i * bytes_each, bytes_each);
        worker_slot.counters.asked_ns = made_ns_;
        if (!options.trace) continue;
        trace_buffers_.push_back(arena.take(sizeof(TraceBuffer)));
        worker_slot.trace_buffer = ::new (trace_buffers_.back().data()) TraceBuffer();
    }
}

Scheduler::~Scheduler() {
    discard_all();
    for (unsigned i = 0; i < shared_->processes; ++i) shared_->worker_slots[i].result_heap.close();
    if (buffer_used_ != 0)
        SharedArena::drop(buffer_.data(), buffer_used_ * sizeof(std::atomic<TaskSlot*>));
}

// ---- Waiting.

bool Scheduler::spin(const std::function<bool()>& done) {
    // Waking up takes longer than spinning is worth, and the worker may want this very CPU. But who
    // comes back soon wants all to stay awake.
    if (all_slept_.load(std::memory_order_relaxed)) {
        all_slept_.store(false, std::memory_order_relaxed);
        const std::int64_t now = now_ns();
        if (now - cold_wait_ns_.exchange(now, std::memory_order_relaxed) > cold_ns) return done();
    }
    struct SpinningOwner {
        std::atomic<std::uint32_t>& number;
        explicit SpinningOwner(std::atomic<std::uint32_t>& n) : number(n) { ++number; }
        ~SpinningOwner() { --number; }
    } const spinning(shared_->owners_spinning);
    const auto until = os::Clock::now() + spin_time;
    do {
        for (int i = 0; i < 100; ++i) {
            if (done()) return true;
            relax(*shared_);
        }
    } while (os::Clock::now() < until);
    return false;
}

void Scheduler::check_open() const {
    check_alive();
    if (shared_->pool_state.load() == PoolState::closed)
        throw std::logic_error("mp::Pool: used after close()");
}

void Scheduler::check_alive() const {
    if (interrupted()) throw Interrupted();
    if (broken_.load()) throw BrokenPool(why_broken_);
    if (discarded_) throw BrokenPool("mp: the pool was terminated");
}

bool Scheduler::wait(const std::function<bool()>& done, os::Deadline deadline) {
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
    constexpr auto slice = std::chrono::milliseconds(100);
    constexpr auto late = std::chrono::milliseconds(50); // later than a busy machine would be
    if (!until) {
        os::wait_ready(watched, until);
        return {};
    }
    for (;;) {
        const auto start = os::Clock::now();
        const auto wake = std::max(start, std::min(*until, start + slice)); // it may be long past
        const bool ready = os::wait_ready(watched, wake);
        const auto now = os::Clock::now();
        if (now > wake + late) return now - wake;
        if (ready || now >= *until || now < wake) return {};
    }
}

} // namespace

bool Scheduler::wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& done,
                     os::Deadline deadline) {
    struct Watching { // the thread that sleeps on the descriptors
        Scheduler& scheduler;
        explicit Watching(Scheduler& c) : scheduler(c) {
            scheduler.watching_ = true;
            scheduler.shared_->owner_waiting.store(1, std::memory_order_seq_cst);
        }
        ~Watching() {
            scheduler.watching_ = false;
            scheduler.shared_->owner_waiting.store(0, std::memory_order_relaxed);
            scheduler.changed_.notify_all();
        }
    };
    for (;;) {
        collect_finished();
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
        collect_finished();
        if (done()) return true; // it may have come before the event was asked for
        std::vector<os::Watched> watched = watch_.descriptors;
        const std::size_t extra = watched.size();
        watched.push_back(os::watch(owner_event_.descriptor()));
        watched.push_back(os::watch(interrupt_event().descriptor()));
        const os::Deadline until = earlier(deadline, watch_.look_by());
        lock.unlock();
        const auto stopped = sleep(watched, until);
        lock.lock();
        if (stopped > stopped.zero()) {
            if (deadline) *deadline += std::min(stopped, os::Clock::time_point::max() - *deadline);
            stopped_ns_ += std::chrono::nanoseconds(stopped).count();
            resumed_ns_ = now_ns();
        }
        if (os::is_ready(watched[extra])) owner_event_.clear();
        if (watch_.descriptors.size() == extra)
            for (std::size_t i = 0; i < extra; ++i)
                if (watch_.descriptors[i].fd == watched[i].fd)
                    watch_.descriptors[i].revents = watched[i].revents;
        watch_.look();
        if (deadline && os::Clock::now() >= *deadline) { // not before a look: someone may have died
            collect_finished();
            return done();
        }
    }
}

void Scheduler::set_broken(const std::string& why) noexcept {
    {
        const std::lock_guard lock(mutex_);
        if (!broken_) why_broken_ = why;
        broken_ = true;
    }
    changed_.notify_all();
    owner_event_.notify();
}

// ---- The end.

void Scheduler::close() noexcept {
    shared_->pool_state.store(PoolState::closed, std::memory_order_seq_cst);
    shared_->epoch.fetch_add(1, std::memory_order_seq_cst);
    os::futex_wake(shared_->epoch, static_cast<int>(shared_->processes));
}

void Scheduler::take_all_back() noexcept {
    collect_finished();
    to_requeue_.clear();
    // No worker comes in any more; then those that are in are left nothing.
    for (const ActiveJob& active_job : active_jobs_)
        if (active_job.id != 0) shared_->job_slots[slot_of(active_job.id)].id.store(0);
    shared_->queue.claimed.store(shared_->queue.published.load());
    for (ActiveJob& active_job : active_jobs_) {
        if (active_job.id == 0) continue;
        const std::uint32_t before = active_job.taken_back;
        take_back(active_job);
        // What the user had cancelled is finished all the same, as such.
        active_job.withdrawn |= !active_job.cancelled && active_job.taken_back != before;
    }
    for (unsigned i = 0; i < shared_->processes; ++i) shared_->task_deque(i).range.exchange(0);
}

void Scheduler::drain() noexcept {
    std::unique_lock lock(mutex_);
    const auto busy = [&] {
        take_all_back(); // again each time: a thief may have brought a range home since
        for (unsigned i = 0; i < shared_->processes; ++i)
            if (shared_->worker_slots[i].in_job.load() != 0) return true;
        return false;
    };
    while (busy()) {
        lock.unlock();
        std::this_thread::sleep_for(std::chrono::microseconds(100));
        lock.lock();
    }
    lock.unlock();
    discard_all();
}

void Scheduler::discard_all() noexcept {
    {
        const std::lock_guard lock(mutex_);
        discarded_ = true;
        for (ActiveJob& active_job : active_jobs_)
            active_job.unaccounted.clear(); // no worker will clear them up
        collect_finished();
        to_requeue_.clear();
        for (ActiveJob& active_job : active_jobs_)
            if (active_job.id != 0) retire(active_job);
    }
    changed_.notify_all();
}

// ---- Reports.

std::vector<WorkerStats> Scheduler::stats() const {
    std::vector<WorkerStats> all;
    for (unsigned i = 0; i < shared_->processes; ++i) {
        const WorkerSlot& worker_slot = shared_->worker_slots[i];
        all.push_back(worker_slot.counters.read());
        all.back().index = i;
        all.back().pid = worker_slot.pid.load();
        all.back().restarts = worker_slot.restarts.load();
    }
    return all;
}

std::vector<Span> Scheduler::trace() const {
    std::vector<Span> spans;
    for (unsigned i = 0; i < shared_->processes; ++i) {
        const WorkerSlot& worker_slot = shared_->worker_slots[i];
        if (worker_slot.trace_buffer != nullptr)
            append_spans(spans, i, worker_slot.pid.load(), made_ns_, worker_slot.counters,
                         worker_slot.trace_buffer);
    }
    for (Span& span : spans) span.job /= SharedState::max_jobs; // ids name the slot as well
    return spans;
}

} // namespace mp::detail
