#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "mp/arena.hpp"
#include "mp/backends/board.hpp"
#include "mp/error.hpp"
#include "mp/os/event.hpp"

namespace mp::detail {

/// The owner's side of a Board: publishes jobs, waits for their end, says what became of a dead
/// worker's grains. The same for threads and processes, which differ in how workers start and end.
class Crew {
public:
    /// Errors: std::system_error.
    explicit Crew(const BackendOptions& options);
    ~Crew();
    Crew(const Crew&) = delete;
    Crew& operator=(const Crew&) = delete;

    Board& board() { return *board_; }
    const os::Doorbell& doorbell() const { return doorbell_; }

    /// Runs a job to its end. `extra` descriptors are waited for as well; when one is ready, or
    /// nothing has happened for a while, `look` is called, which may call worker_lost(). Errors:
    /// RemoteError, WorkerDied, Interrupted, BrokenPool (abandon() was called), what `look` throws.
    void run(const Job& job, std::vector<os::Watched>& extra, const std::function<void()>& look);

    /// Blocks until `done` holds. Errors: as run, but those of tasks.
    void wait(const std::function<bool()>& done, std::vector<os::Watched>& extra,
              const std::function<void()>& look, os::Deadline deadline = std::nullopt);

    /// A worker has ended, with this exit status, and cannot touch the board any more.
    void worker_lost(unsigned worker, int status);

    /// Tells all workers to leave; idle ones do at once.
    void order_to_leave() noexcept;

    /// Takes back what no worker has begun of the job under way, and blocks until what they have
    /// begun is done. Only for workers that live.
    void withdraw() noexcept;

    /// Forgets the job under way. Only when no worker can touch it any more.
    void forget_job() noexcept;

    /// The packed results of the last job have been read: gives all but a little of their memory
    /// back.
    void collected() noexcept;

    /// Makes run() and wait(), now or later, throw. Thread-safety: any thread.
    void abandon() noexcept;

    /// Whether a job is under way, for which workers may still write.
    bool running() const { return id_ != 0; }
    std::vector<WorkerStats> stats() const;
    std::vector<Span> trace() const;

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

    void post(const Job& job, std::vector<os::Watched>& extra, const std::function<void()>& look);
    void finish();
    bool finished();
    bool settled();
    void lose(std::uint32_t grain, pid_t pid, int status);
    void write_off_suspicions();
    std::size_t grain_size(const Job& job) const;

    os::Doorbell doorbell_;
    std::int64_t made_ns_ = now_ns();
    Block memory_;
    std::vector<Block> outboxes_, records_;
    Board* board_ = nullptr;
    std::uint32_t last_id_ = 0;
    std::uint32_t id_ = 0; // the job under way; 0: none
    Block large_closure_, large_flags_;
    std::uint32_t first_open_ = 0; // all grains before it are finished or lost
    std::vector<Loss> losses_;
    std::vector<Suspicion> suspicions_;
    std::atomic<bool> abandoned_{false};
};

/// The text of a note, as the error that it tells of.
RemoteError error_of(const FailureNote& note);

} // namespace mp::detail
