#pragma once

#include <array>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "mp/arena.hpp"
#include "mp/backends/backends.hpp"
#include "mp/backends/board.hpp"
#include "mp/error.hpp"
#include "mp/os/event.hpp"

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
    /// `watched`: descriptors to wait for as well. `look` is called, locked, when one of them is
    /// ready or something else has happened; it may throw, which ends a wait.
    /// Errors: std::system_error.
    Crew(const BackendOptions& options, std::vector<os::Watched>& watched,
         std::function<void()> look);
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

    /// A worker has ended, with this exit status, and cannot touch the board any more.
    /// REQUIRES: locked.
    void worker_lost(unsigned worker, int status);

    /// Whether there is work that a worker could take or has under way. REQUIRES: locked.
    bool has_work() noexcept;

    /// Tells the workers to leave when they find nothing more to do.
    void order_to_leave() noexcept;

    /// Takes back what no worker has begun, and blocks until what they have begun is done. Only for
    /// workers that live.
    void withdraw() noexcept;

    /// Every wait, now or later, throws BrokenPool, for this reason.
    void abandon(const std::string& why) noexcept;

    /// Forgets all work: no worker is left to touch it.
    void give_up() noexcept;

private:
    struct Loss {
        std::uint32_t grain;
        pid_t pid;
        int status;
    };
    struct Suspicion { // a range that a dead worker may have been stealing
        Range range;
        pid_t pid;
        int status;
    };
    struct Flight { // a job under way
        JobId id = 0;
        JobId last_id = 0;
        Block large_closure, large_flags;
        std::uint32_t first_open = 0; // all grains before it are finished or lost
        bool cancelled = false;
        std::uint32_t taken_back = 0;
        std::vector<Loss> losses;
        std::vector<Suspicion> suspicions;
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
    void lose(Flight& flight, std::uint32_t grain, pid_t pid, int status);
    void lose_of_job(Flight& flight, unsigned worker, pid_t pid, int status);
    void lose_of_queue(unsigned worker, pid_t pid, int status);
    void enqueue(TaskSlot* task) noexcept;
    void tidy_queue(std::uint32_t position) noexcept;
    void split_job(const Job& job, Posting& to) const;

    os::Doorbell doorbell_;
    std::vector<os::Watched>& watched_;
    std::function<void()> look_;
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
    std::vector<TaskSlot*> overdue_; // shall stand in the queue again
    std::atomic<bool> abandoned_{false};
    std::string why_abandoned_;
    bool given_up_ = false;
};

} // namespace mp::detail
