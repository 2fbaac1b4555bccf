#pragma once

#include <memory>
#include <mp/mp.hpp>
#include <optional>
#include <string>
#include <vector>

#include "mp_mpi/coordinator.hpp"
#include "mp_mpi/dispatcher.hpp"
#include "mp_mpi/remote_stats.hpp"
#include "mp_mpi/wire.hpp"

namespace mp_mpi {

/// Rank 0's side of a pool: opens it at the endpoints, and closes it. Nothing happens between
/// calls: a waiting thread drives the work.
class RanksBackend final : public mp::detail::Backend,
                           public mp::detail::Executor,
                           private Recipient {
public:
    /// Opens the pool at the endpoints. Errors: those of mp::detail::make_backend.
    RanksBackend(Coordinator& coordinator, mp::detail::BackendOptions options);
    ~RanksBackend() override;

    unsigned processes() const override { return processes_; }
    mp::detail::Executor& executor() noexcept override { return *this; }
    std::shared_ptr<void> allocate(std::size_t bytes) override;
    bool visible(const void*, std::size_t) const override { return true; } // they are sent anyway

    mp::detail::JobId post(const mp::detail::Job& job) override;
    bool finished(mp::detail::JobId job) noexcept override;
    void finish(mp::detail::JobId job) override;
    void cancel(mp::detail::JobId job) noexcept override;
    void stop(mp::detail::JobId job) noexcept override;
    void submit(mp::detail::TaskSlot& task) override;
    bool stop(mp::detail::TaskSlot& task) noexcept override;
    bool wait(const std::function<bool()>& done,
              std::optional<Clock::time_point> deadline) override;
    void release(const void* data) noexcept override;
    std::vector<mp::WorkerStats> stats() const override;
    std::vector<mp::Span> trace() override;
    void close() noexcept override;
    void terminate() noexcept override;
    void join() override;

private:
    struct Side { // one endpoint
        bool opened = false, closed = false;
    };

    std::unique_lock<std::mutex> lock() const { return std::unique_lock(coordinator_.mutex()); }
    void take(std::size_t endpoint, Message& answer) override;
    std::pair<std::size_t, std::size_t> progress() const override;

    void open(const mp::detail::BackendOptions& options);
    void take_opened(std::size_t endpoint, Message& answer);
    void take_closed(std::size_t endpoint, Message& answer);

    void close_if_done();
    void send_close() noexcept;
    void check_uninterrupted();
    void check_alive();
    void check_open();
    void end() noexcept;

    Coordinator& coordinator_;
    unsigned processes_;
    std::uint32_t pool_ = 0;
    std::vector<Side> sides_;
    RemoteStats remote_stats_;
    Dispatcher dispatcher_;
    OwnedNote init_failure_; // of the first endpoint
    bool closing_ = false, close_sent_ = false;
    bool terminated_ = false;
    std::string broken_; // why it is broken; empty: it is not
};

} // namespace mp_mpi
