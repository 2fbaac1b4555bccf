#include "mp/backends/crew.hpp"

#include <algorithm>
#include <bit>
#include <chrono>
#include <cstring>
#include <new>
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
constexpr std::size_t grains_per_worker = 32;
// What a worker may keep in its outbox between jobs; the rest goes back to the machine.
constexpr std::size_t outbox_keeps = std::size_t{4} << 20;
constexpr std::size_t largest_outbox = std::size_t{16} << 30;

} // namespace

Crew::Crew(const BackendOptions& options) {
    const unsigned processes = options.processes;
    (void)interrupt_bell();
    memory_ = arena_take(Board::bytes(processes));
    try {
        std::memset(memory_.data, 0, Board::bytes(processes));
        board_ = Board::make(memory_.data, processes, process_cpu_count());
        const std::size_t share =
            std::bit_floor(std::min(largest_outbox, arena_size() / 64 / std::bit_ceil(processes)));
        outboxes_.reserve(processes);
        for (unsigned i = 0; i < processes; ++i) {
            outboxes_.push_back(arena_take_addresses(share));
            board_->places[i].outbox = outboxes_.back().data;
            board_->places[i].outbox_size = outboxes_.back().size;
            board_->places[i].times.asked_ns = made_ns_;
        }
        records_.reserve(processes);
        for (unsigned i = 0; options.trace && i < processes; ++i) {
            records_.push_back(arena_take(sizeof(ChunkRecord)));
            board_->places[i].record = ::new (records_.back().data) ChunkRecord();
        }
    } catch (...) {
        for (const Block& block : outboxes_) arena_release(block);
        for (const Block& block : records_) arena_release(block);
        arena_release(memory_);
        throw;
    }
}

Crew::~Crew() {
    for (std::size_t i = 0; i < outboxes_.size(); ++i) {
        arena_drop(outboxes_[i].data, board_->places[i].outbox_committed.load());
        arena_release(outboxes_[i]);
    }
    for (const Block& block : records_) arena_release(block);
    arena_release(large_closure_);
    arena_release(large_flags_);
    arena_release(memory_);
}

std::size_t Crew::grain_size(const Job& job) const {
    std::size_t grain = job.chunksize;
    if (grain == 0) grain = (job.size - 1) / (grains_per_worker * board_->processes) + 1;
    // A range has 32 bits for a grain's number.
    constexpr std::size_t most = ~std::uint32_t{0} - 1;
    return std::max(std::min(grain, job.size), (job.size - 1) / most + 1);
}

void Crew::post(const Job& job, std::vector<os::Watched>& extra,
                const std::function<void()>& look) {
    std::uint32_t id = last_id_ + 1;
    if (id == 0) id = 1; // 0 means none
    constexpr std::uint32_t half = Board::postings_kept / 2;
    if (id % half == 0) {
        // The next half of the postings is used again: nobody may still be looking at what they
        // held before.
        const auto straggler = [&] {
            for (unsigned i = 0; i < board_->processes; ++i) {
                const std::uint32_t at = board_->places[i].in_job.load(std::memory_order_seq_cst);
                if (at != 0 &&
                    static_cast<std::int32_t>(id - at) >= static_cast<std::int32_t>(half))
                    return true;
            }
            return false;
        };
        for (std::uint32_t i = 0; i < half; ++i)
            board_->posting(id + i).id.store(0, std::memory_order_seq_cst);
        while (straggler()) {
            const auto soon = os::Clock::now() + std::chrono::milliseconds(1);
            wait([&] { return os::Clock::now() >= soon; }, extra, look, soon);
        }
    }

    Posting& posting = board_->posting(id);
    posting.job = job;
    if (job.closure_size <= inline_closure) {
        std::memcpy(posting.closure, job.closure, job.closure_size);
        posting.job.closure = posting.closure;
    } else {
        large_closure_ = arena_take(job.closure_size);
        std::memcpy(large_closure_.data, job.closure, job.closure_size);
        posting.job.closure = large_closure_.data;
    }
    posting.grain = grain_size(job);
    posting.grains = static_cast<std::uint32_t>((job.size - 1) / posting.grain + 1);
    posting.flags = posting.small_flags;
    if (posting.grains > inline_flags) {
        large_flags_ = arena_take(posting.grains);
        posting.flags = reinterpret_cast<std::atomic<std::uint8_t>*>(large_flags_.data);
    }
    std::memset(static_cast<void*>(posting.flags), open_grain, posting.grains);
    posting.done.store(0, std::memory_order_relaxed);
    posting.audit.store(false, std::memory_order_relaxed);

    const std::uint64_t workers = board_->processes;
    for (unsigned i = 0; i < workers; ++i) {
        Cell& cell = board_->cell(id, i);
        const auto low = static_cast<std::uint32_t>(posting.grains * std::uint64_t{i} / workers);
        const auto high =
            static_cast<std::uint32_t>(posting.grains * (std::uint64_t{i} + 1) / workers);
        cell.base.store(low, std::memory_order_relaxed);
        cell.theft.store(0, std::memory_order_relaxed);
        cell.failure.store(nullptr, std::memory_order_relaxed);
        cell.range.store(Range{low, high}.word(), std::memory_order_release);
    }
    first_open_ = 0;
    losses_.clear();
    suspicions_.clear();
    last_id_ = id_ = id;
    posting.id.store(id, std::memory_order_seq_cst);
    board_->bell.store(id, std::memory_order_seq_cst);
    if (board_->sleepers.load(std::memory_order_seq_cst) != 0) {
        const auto awake = static_cast<std::uint32_t>(std::popcount(board_->spinners.load()));
        if (posting.grains > awake)
            os::futex_wake(board_->bell, static_cast<int>(std::min<std::uint64_t>(
                                             posting.grains - awake, workers)));
    }
}

void Crew::run(const Job& job, std::vector<os::Watched>& extra, const std::function<void()>& look) {
    if (job.size == 0) return;
    post(job, extra, look);
    wait([this] { return finished(); }, extra, look);
    finish();
}

void Crew::wait(const std::function<bool()>& done, std::vector<os::Watched>& extra,
                const std::function<void()>& look, os::Deadline deadline) {
    const auto until = os::Clock::now() + spin_time;
    do {
        for (int i = 0; i < 100; ++i) {
            if (done()) return;
            if (board_->yield_instead)
                std::this_thread::yield();
            else
                os::relax();
        }
    } while (os::Clock::now() < until);

    struct Parked {
        Board& board;
        explicit Parked(Board& b) : board(b) {
            board.owner_parked.store(1, std::memory_order_seq_cst);
        }
        ~Parked() { board.owner_parked.store(0, std::memory_order_relaxed); }
    } parked(*board_);
    std::vector<os::Watched> watched;
    while (!done()) {
        if (interrupted()) throw Interrupted();
        if (abandoned_.load()) throw BrokenPool("mp: the pool was terminated while it was at work");
        watched = extra;
        watched.push_back(os::watch(doorbell_.descriptor()));
        watched.push_back(os::watch(interrupt_bell().descriptor()));
        os::wait_ready(watched, deadline);
        if (os::is_ready(watched[extra.size()])) doorbell_.silence();
        std::copy_n(watched.begin(), extra.size(), extra.begin());
        look();
        if (deadline && os::Clock::now() >= *deadline) return;
    }
}

bool Crew::finished() {
    Posting& posting = board_->posting(id_);
    if (posting.done.load(std::memory_order_acquire) == posting.grains) return true;
    if (!posting.audit.load(std::memory_order_relaxed)) return false;
    // A dead worker took its count of finished grains with it: the flags tell.
    while (first_open_ < posting.grains &&
           posting.flags[first_open_].load(std::memory_order_acquire) != open_grain)
        ++first_open_;
    if (first_open_ == posting.grains) return true;
    if (!suspicions_.empty() && settled()) write_off_suspicions();
    return false;
}

// Nobody works on the job and no grain is left to take: what is still open was lost.
bool Crew::settled() {
    for (unsigned i = 0; i < board_->processes; ++i) {
        if (board_->places[i].in_job.load(std::memory_order_seq_cst) == id_) return false;
        if (!Range::of(board_->cell(id_, i).range.load(std::memory_order_seq_cst)).empty())
            return false;
    }
    return true;
}

void Crew::write_off_suspicions() {
    const Posting& posting = board_->posting(id_);
    for (const Suspicion& suspicion : suspicions_)
        for (std::uint32_t grain = suspicion.range.low; grain < suspicion.range.high; ++grain)
            if (posting.flags[grain].load(std::memory_order_acquire) == open_grain)
                lose(grain, suspicion.pid, suspicion.status);
    suspicions_.clear();
}

void Crew::lose(std::uint32_t grain, pid_t pid, int status) {
    losses_.push_back({grain, pid, status});
    board_->posting(id_).flags[grain].store(lost_grain, std::memory_order_release);
}

void Crew::worker_lost(unsigned worker, int status) {
    Place& place = board_->places[worker];
    const pid_t pid = place.pid.load();
    place.times.leave();
    place.in_job.store(0, std::memory_order_seq_cst);
    if (place.parked.exchange(0) != 0) board_->sleepers.fetch_sub(1);
    if (worker < 64) board_->spinners.fetch_and(~(std::uint64_t{1} << worker));
    if (id_ == 0) return;
    Posting& posting = board_->posting(id_);
    Cell& cell = board_->cell(id_, worker);
    const Range range = Range::of(cell.range.load(std::memory_order_seq_cst));
    if (range.low > cell.base.load() &&
        posting.flags[range.low - 1].load(std::memory_order_acquire) == open_grain)
        lose(range.low - 1, pid, status);
    if (const Range loot = Range::of(cell.theft.exchange(0)); !loot.empty())
        suspicions_.push_back({loot, pid, status});
    posting.audit.store(true, std::memory_order_seq_cst);
}

void Crew::finish() {
    Posting& posting = board_->posting(id_);
    const FailureNote* failed = nullptr;
    for (unsigned i = 0; i < board_->processes; ++i) {
        const FailureNote* note = board_->cell(id_, i).failure.load(std::memory_order_acquire);
        if (note != nullptr && (failed == nullptr || note->item < failed->item)) failed = note;
    }
    const auto lost =
        std::min_element(losses_.begin(), losses_.end(),
                         [](const Loss& a, const Loss& b) { return a.grain < b.grain; });
    const std::size_t size = posting.job.size;
    const std::size_t grain = posting.grain;
    id_ = 0;
    arena_release(std::exchange(large_closure_, {}));
    arena_release(std::exchange(large_flags_, {}));
    if (lost != losses_.end()) {
        const std::size_t first = lost->grain * grain;
        if (failed == nullptr || first < failed->item)
            throw WorkerDied(first, std::min(first + grain, size) - 1, lost->pid, lost->status);
    }
    if (failed != nullptr) throw error_of(*failed);
}

void Crew::order_to_leave() noexcept {
    board_->order.store(Order::leave, std::memory_order_seq_cst);
    board_->bell.fetch_add(Board::postings_kept, std::memory_order_seq_cst);
    os::futex_wake(board_->bell, static_cast<int>(board_->processes));
}

void Crew::abandon() noexcept {
    abandoned_.store(true);
    doorbell_.ring();
}

void Crew::withdraw() noexcept {
    if (id_ == 0) return;
    const auto busy = [&] {
        bool found = false;
        for (unsigned i = 0; i < board_->processes; ++i) {
            board_->cell(id_, i).range.exchange(
                0); // a thief may still bring a range home: look again
            found = found || board_->places[i].in_job.load() == id_;
        }
        return found;
    };
    while (busy()) std::this_thread::sleep_for(std::chrono::microseconds(100));
    forget_job();
}

void Crew::forget_job() noexcept {
    if (id_ == 0) return;
    board_->posting(id_).id.store(0);
    id_ = 0;
    arena_release(std::exchange(large_closure_, {}));
    arena_release(std::exchange(large_flags_, {}));
}

void Crew::collected() noexcept {
    for (unsigned i = 0; i < board_->processes; ++i) {
        Place& place = board_->places[i];
        const std::size_t committed = place.outbox_committed.load();
        if (committed <= outbox_keeps) continue;
        place.outbox_committed.store(outbox_keeps);
        arena_drop(place.outbox + outbox_keeps, committed - outbox_keeps);
    }
}

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
    return spans;
}

RemoteError error_of(const FailureNote& note) {
    if (note.text == nullptr)
        return {"an exception whose message found no memory", "unknown type", note.item, note.pid};
    return {std::string(note.text, note.what_size),
            std::string(note.text + note.what_size, note.type_size), note.item, note.pid};
}

} // namespace mp::detail
