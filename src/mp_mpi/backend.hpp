#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mp/mp.hpp>
#include <optional>
#include <string>
#include <vector>

#include "mp_mpi/assignment.hpp"
#include "mp_mpi/leader.hpp"
#include "mp_mpi/schedule.hpp"

namespace mp_mpi {

/// Rank 0's side of a pool: cuts jobs into chunks, sends each worker one more than it works on, and
/// puts the answers where they belong. Nothing happens between calls: whoever waits keeps the work
/// going.
class RanksBackend final : public mp::Backend, private Recipient {
public:
    /// Opens the pool at the endpoints. Errors: those of mp::make_backend.
    RanksBackend(Leader& leader, mp::BackendOptions options);
    ~RanksBackend() override;

    unsigned processes() const override { return processes_; }
    std::shared_ptr<void> allocate(std::size_t bytes) override;
    bool visible(const void*, std::size_t) const override { return true; } // they are sent anyway

    mp::JobId post(const mp::Job& job) override;
    bool finished(mp::JobId job) noexcept override;
    void finish(mp::JobId job) override;
    void cancel(mp::JobId job) noexcept override;
    void stop(mp::JobId job) noexcept override;
    void submit(mp::TaskSlot& task) override;
    bool stop(mp::TaskSlot& task) noexcept override;
    bool wait(const std::function<bool()>& done,
              std::optional<std::chrono::steady_clock::time_point> deadline) override;
    void release(const void* data) noexcept override;
    std::vector<mp::WorkerStats> stats() const override;
    std::vector<mp::Span> trace() const override;
    void close() noexcept override;
    void terminate() noexcept override;
    void join() override;

private:
    struct Flight { // a job under way
        mp::Job job;
        std::vector<std::byte> closure;
        Pace pace;
        std::size_t next = 0;          // items before it have been handed out
        std::size_t done = 0;          // have come back
        std::size_t skipped = 0;       // will never be run
        std::optional<Failed> failure; // the one with the lowest index
        std::size_t failed_at = 0;     // its endpoint
        std::vector<bool> known;       // by endpoint: whether it has the closure
        std::vector<std::size_t> sent; // by endpoint: chunks on their way
    };
    struct Sent {                     // a chunk on its way
        mp::TaskSlot* task = nullptr; // null: of a job
        mp::JobId job = 0;
        std::size_t first = 0, count = 0;
        std::size_t endpoint = 0;
        unsigned load = 0;
    };
    struct Side { // what is known of an endpoint
        unsigned workers = 0;
        unsigned first_worker = 0;
        unsigned load = 0; // workers' worth of chunks on their way
        bool opened = false, closed = false;
        std::int64_t ahead_ns = 0; // its clock, of this one
        std::int64_t asked_ns = 0, ready_ns = 0;
        std::vector<mp::WorkerStats> workers_stats;
        std::vector<mp::Span> spans;
    };

    std::unique_lock<std::mutex> lock() const { return std::unique_lock(leader_.mutex()); }
    void take(std::size_t endpoint, Message& answer) override;
    std::pair<std::size_t, std::size_t> progress() const override;

    void open(const mp::BackendOptions& options);
    void take_opened(std::size_t endpoint, Message& answer);
    void take_ran(std::size_t endpoint, Message& answer);
    void take_results_of_job(const Sent& sent, Message& answer);
    void take_results_of_task(const Sent& sent, Message& answer);
    void take_stats(std::size_t endpoint, Reader& from, std::size_t count);
    void take_spans(std::size_t endpoint, Reader& from);
    void note_time(std::size_t endpoint, const Sent& sent, const Header& header);

    void dispatch();
    void dispatch_to(std::size_t endpoint);
    bool give(std::size_t endpoint, bool ahead);
    bool give_of_queue(std::size_t endpoint, bool ahead);
    bool give_of_job(std::size_t endpoint, mp::JobId id, bool ahead);
    void send(Message&& message, const Sent& sent);
    bool has_work() const;
    void close_if_done();
    void send_close() noexcept;
    void check_uninterrupted();
    void check_alive();
    void check_open();
    void end() noexcept;
    mp::FailureNote* write_note(const Failed& failed, std::size_t endpoint) const;

    Leader& leader_;
    unsigned processes_ = 0;
    bool trace_;
    std::uint32_t pool_ = 0;
    std::int64_t made_ns_ = now_ns();
    std::vector<Side> sides_;
    std::map<mp::JobId, Flight> flights_;
    mp::JobId jobs_ = 0;
    std::vector<mp::JobId> active_; // of which not all has been handed out
    std::deque<mp::TaskSlot*> queue_;
    Pace queue_pace_;
    std::vector<Sent> sent_;
    std::vector<std::size_t> free_tickets_;
    std::size_t on_their_way_ = 0;
    std::int64_t room_ = 0; // workers' worth of chunks that may still be sent
    std::size_t turn_ = 0;
    std::size_t tasks_done_ = 0, tasks_given_ = 0;
    std::optional<Failed> init_failure_;
    std::size_t init_failed_at_ = 0;
    bool closing_ = false, close_sent_ = false;
    bool terminated_ = false;
    std::string broken_; // why; empty: it is not
};

} // namespace mp_mpi
