#include <atomic>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <type_traits>
#include <vector>

#include "mp/backends/backends.hpp"
#include "mp/backends/worker_limits.hpp"
#include "mp/interrupt.hpp"
#include "mp/os/child.hpp"
#include "mp/scheduler/scheduler.hpp"
#include "mp/scheduler/worker_loop.hpp"

namespace mp::detail {

namespace {

class ThreadsBackend final : public Backend {
public:
    explicit ThreadsBackend(const BackendOptions& options)
        : processes_((check_thread_limit_of_many(options.processes), options.processes)),
          crew_(options, {nothing_, [] {}, [] { return os::Deadline(); }}),
          initializer_(options.initializer), around_{[this] { crew_.doorbell().ring(); }, this} {
        Board& board = crew_.board();
        threads_.reserve(options.processes);
        try {
            for (unsigned i = 0; i < options.processes; ++i) {
                if (interrupted()) throw Interrupted();
                board.places[i].pid = os::current_pid();
                start(i);
            }
            crew_.wait([&] { return all_started(); });
            for (unsigned i = 0; i < options.processes; ++i)
                if (const FailureNote* note = board.places[i].init_failure.load())
                    throw thrown_error_of(*note);
        } catch (...) {
            terminate();
            join_threads();
            throw;
        }
    }
    ~ThreadsBackend() override {
        terminate();
        join_threads();
    }

    unsigned processes() const override { return processes_; }
    std::shared_ptr<void> allocate(std::size_t bytes) override { return allocate_here(bytes); }
    bool visible(const void*, std::size_t) const override { return true; }

    JobId post(const Job& job) override {
        return or_terminate([&] { return crew_.post(job); });
    }
    bool finished(JobId job) noexcept override { return crew_.finished(job); }
    void finish(JobId job) override { crew_.finish(job); }
    void cancel(JobId job) noexcept override { crew_.cancel(job); }
    void stop(JobId) noexcept override {}
    void submit(TaskSlot& task) override {
        or_terminate([&] { crew_.submit(task); });
    }
    bool stop(TaskSlot&) noexcept override { return false; }
    bool wait(const std::function<bool()>& done, os::Deadline deadline) override {
        return or_terminate([&] { return crew_.wait(done, deadline); });
    }
    void release(const void* data) noexcept override { crew_.release(data); }
    std::vector<WorkerStats> stats() const override { return crew_.stats(); }
    std::vector<Span> trace() override { return crew_.trace(); }
    void close() noexcept override {
        const auto lock = crew_.lock();
        crew_.order_to_leave();
    }
    void terminate() noexcept override {
        crew_.abandon("mp: the pool was terminated");
        crew_.withdraw();
        crew_.order_to_leave();
    }
    void join() override {
        const auto all_left = [&] { return left_.load() == threads_.size(); };
        wait(all_left, std::nullopt);
        join_threads();
    }

private:
    void start(unsigned worker) {
        try {
            threads_.emplace_back([this, worker] {
                if (start_worker(crew_.board(), worker, initializer_, around_))
                    serve(crew_.board(), worker, around_);
                ++left_;
                crew_.doorbell().ring();
            });
        } catch (const std::system_error& error) { // it says only that there is none
            throw std::system_error(error.code(), "mp: cannot start worker " +
                                                      std::to_string(worker + 1) + " of " +
                                                      std::to_string(processes_));
        }
    }

    // Whatever cuts a wait short: nobody may write to the work's memory once it is the caller's
    // again.
    template <class F> std::invoke_result_t<F&> or_terminate(F&& act) {
        try {
            return act();
        } catch (const BrokenPool&) {
            terminate();
            throw;
        } catch (const Interrupted&) {
            terminate();
            throw;
        }
    }

    void join_threads() noexcept {
        const std::lock_guard lock(joining_); // a thread is joined once
        for (std::thread& thread : threads_)
            if (thread.joinable()) thread.join();
    }

    bool all_started() {
        for (unsigned i = 0; i < crew_.board().processes; ++i)
            if (crew_.board().places[i].state.load() == WorkerState::starting) return false;
        return true;
    }

    unsigned processes_;
    std::vector<os::Watched> nothing_;
    Crew crew_;
    Initializer initializer_;
    Surroundings around_;
    std::atomic<std::size_t> left_ = 0;
    std::mutex joining_;
    std::vector<std::thread> threads_;
};

} // namespace

std::unique_ptr<Backend> make_threads(BackendOptions options) {
    return std::make_unique<ThreadsBackend>(options);
}

} // namespace mp::detail
