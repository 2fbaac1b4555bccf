#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "mp/arena.hpp"
#include "mp/backend.hpp"
#include "mp/error.hpp"
#include "mp/os/event.hpp"
#include "mp/scheduler/shared_state.hpp"

namespace mp::detail {

/// The owner's side of a Board: hands out jobs and tasks, waits for their end, says what became of
/// a dead worker's share. The same for threads and processes, which differ in how workers start and
/// end.
///
/// Thread-safety: all methods from any thread, but those that say "REQUIRES: locked", which are for
/// `look` and for who holds lock(). Of several threads that wait, one at a time watches the
/// descriptors; it wakes the others.
class Crew {
public:
    /// What a backend does while somebody waits; both are called locked.
    struct Watch {
        std::vector<os::Watched>& descriptors; ///< to wait for as well
        /// One of them is ready, or something else has happened. May throw, which ends the wait.
        std::function<void()> look;
        /// When to look at the latest, whatever happens.
        std::function<os::Deadline()> look_by;
    };

    /// Errors: std::system_error.
    Crew(const BackendOptions& options, Watch watch);
    ~Crew();
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    Board& board() { return *board_; }
    const os::Doorbell& doorbell() const { return doorbell_; }
    std::unique_lock<std::mutex> lock() { return std::unique_lock(mutex_); }

    /// See Backend.
    JobId post(const Job& job);
    bool finished(JobId job) noexcept;
    void finish(JobId job);
    void cancel(JobId job) noexcept;
    void submit(TaskSlot& task);
    void release(const void* data) noexcept;
    std::vector<WorkerStats> stats() const;
    std::vector<Span> trace() const;

    /// Blocks until `done`, which is called unlocked first, then locked. Whether it holds.
    /// Errors: Interrupted; BrokenPool after abandon() or give_up(); what `look` throws.
    bool wait(const std::function<bool()>& done, os::Deadline deadline = std::nullopt);

    /// A worker has ended, with this exit status, and cannot touch the board any more. `fate`: died
    /// or starved. REQUIRES: locked.
    void worker_lost(unsigned worker, int status, Fate fate);

    /// The owner is about to end a worker that runs `task` (for Fate::cancelled; null: something of
    /// a cancelled job) or has begun an item at `began_ns` (for timed_out). Whatever else it runs
    /// by then goes back. REQUIRES: locked.
    void condemn(unsigned worker, Fate fate, const TaskSlot* task, std::int64_t began_ns);
    bool is_condemned(unsigned worker) const { return sentences_[worker].has_value(); }

    /// Whether a worker is running something of this job. REQUIRES: locked.
    bool works_on(unsigned worker, JobId job) noexcept;

    /// How long this process, and with it the workers, has been stopped in all; and when it last
    /// went on.
    std::int64_t paused_ns() const { return paused_ns_; }
    std::int64_t went_on_ns() const { return went_on_ns_; }

    /// Whether there is work that a worker could take or has under way. REQUIRES: locked.
    bool has_work() noexcept;

    /// Tells the workers to leave when they find nothing more to do.
    void order_to_leave() noexcept;

    /// Takes back what no worker has begun. After it, a worker that Place::in_job shows outside may
    /// come in, but finds nothing. Keeps the results of jobs that are finished. REQUIRES: locked;
    /// abandon().
    void take_all_back() noexcept;

    /// The same, and blocks until what the workers have begun is done. Only for workers that live.
    void withdraw() noexcept;

    /// Every wait, now or later, throws BrokenPool, for this reason, unless what it waits for is
    /// there. give_up() must follow.
    void abandon(const std::string& why) noexcept;

    /// Forgets all work that is not finished: no worker is left to touch it.
    void give_up() noexcept;

private:
    struct Sentence { // of a worker that is being ended
        Fate fate;
        const TaskSlot* task;
        std::int64_t began_ns;
    };
    struct Death {
        pid_t pid;
        int status;
        Fate fate;
        bool final;  // its item has had its last run
        bool counts; // as one of the runs that it may have
    };
    struct Flight { // a job under way
        JobId id = 0;
        JobId last_id = 0;
        Block large_closure, large_flags;
        std::uint32_t first_open = 0; // all grains before it are finished or lost
        bool cancelled = false;
        bool withdrawn = false; // take_all_back() has left it incomplete
        std::uint32_t taken_back = 0;
        std::optional<FailureNote> loss; // the item with the lowest index that will have no result
        std::vector<Range> suspicions;   // that dead workers may have been stealing
        std::vector<TaskSlot*> repairs;  // what is run again item by item
    };

    static std::uint32_t slot_of(JobId id) { return id % Board::slots; }
    Posting& posting(const Flight& flight) { return board_->postings[slot_of(flight.id)]; }
    bool spin(const std::function<bool()>& done);
    bool wait(std::unique_lock<std::mutex>& lock, const std::function<bool()>& done,
              os::Deadline deadline);
    void check_alive() const;
    void check_open() const;
    Flight* free_flight() noexcept;
    void announce(std::uint64_t pieces) noexcept;
    void announce_task() noexcept;
    void wake(std::uint64_t pieces) noexcept;
    void harvest() noexcept;
    bool is_finished(Flight& flight) noexcept;
    std::exception_ptr error_of(Flight& flight);
    void land(Flight& flight) noexcept;
    void take_back(Flight& flight) noexcept;
    bool settled(const Flight& flight) noexcept;
    bool runs_again(const Death& death, std::uint16_t& deaths) const noexcept;
    FailureNote* write_note(std::size_t item, const Death& death);
    void lose(Flight& flight, std::size_t item, const Death& death);
    void mark_grains(Flight& flight, std::size_t from, std::size_t to, Flag flag) noexcept;
    void forget_failure(Flight& flight, unsigned worker, std::size_t from, std::size_t to) noexcept;
    void run_again(Flight& flight, std::size_t first, std::size_t last, std::uint16_t deaths);
    bool is_being_repaired(const Flight& flight, std::uint32_t grain) const noexcept;
    void lose_of_job(Flight& flight, unsigned worker, const Death& death);
    void lose_of_queue(unsigned worker, Death death);
    void interrupt(TaskSlot& task, unsigned worker, const Death& death);
    void interrupt_series(TaskSlot& task, unsigned worker, const Death& death);
    void enqueue(TaskSlot* task) noexcept;
    void tidy_queue(std::uint32_t position) noexcept;
    void split_job(const Job& job, Posting& to) const;

    os::Doorbell doorbell_;
    Watch watch_;
    unsigned retries_;
    std::int64_t made_ns_ = now_ns();
    Block memory_, ring_, outboxes_;
    std::vector<Block> records_;
    Board* board_ = nullptr;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool watching_ = false;                      // a thread sleeps on the descriptors
    std::atomic<bool> all_slept_ = false;        // the latest work had to wake a worker up
    std::atomic<std::int64_t> cold_wait_ns_ = 0; // when a wait last did not spin, for that reason
    std::array<Flight, Board::slots> flights_;
    JobId jobs_ = 0;
    std::uint32_t skipped_ = 0; // tasks that woke nobody, as somebody dozed
    std::int64_t skipping_since_ns_ = 0;
    std::map<JobId, std::exception_ptr> ended_; // harvested, not yet finish()ed
    std::uint32_t ring_used_ = 0;
    std::deque<TaskSlot*> overdue_;                  // shall stand in the queue again
    std::vector<std::optional<Sentence>> sentences_; // by worker
    unsigned condemned_ = 0;                         // how many there are
    std::int64_t paused_ns_ = 0, went_on_ns_ = 0;
    std::vector<Block> repair_slots_;
    std::vector<TaskSlot*> old_repairs_; // of jobs that are over; some may still be running
    std::vector<std::unique_ptr<FailureNote>> own_notes_; // not yet released
    std::atomic<bool> abandoned_{false};
    std::string why_abandoned_;
    bool given_up_ = false;
};

} // namespace mp::detail
