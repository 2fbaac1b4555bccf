#include <algorithm>
#include <atomic>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "mp/backends/backends.hpp"
#include "mp/backends/worker_limits.hpp"
#include "mp/interrupt.hpp"
#include "mp/os/child.hpp"
#include "mp/os/cpu_times.hpp"
#include "mp/scheduler/scheduler.hpp"
#include "mp/scheduler/worker_loop.hpp"

namespace mp::detail {

namespace {

class ThreadsBackend final : public Backend, private Staff {
public:
    explicit ThreadsBackend(const BackendOptions& options)
        : processes_((check_thread_limit_of_many(options.processes), options.processes)),
          scheduler_(options, *this), initializer_(options.initializer),
          host_{[this] { scheduler_.owner_event().notify(); }, this} {
        SharedState& shared = scheduler_.shared_state();
        threads_.reserve(options.processes);
        try {
            for (unsigned i = 0; i < options.processes; ++i) {
                if (interrupted()) throw Interrupted();
                shared.worker_slot(i).set_pid(os::current_pid());
                start(i);
            }
            scheduler_.wait([&] { return all_started(); }, std::nullopt);
            for (unsigned i = 0; i < options.processes; ++i)
                if (const FailureNote* note = shared.worker_slot(i).init_failure())
                    throw thrown_error_of(*note);
            scheduler_.start_sampling();
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
    Executor& executor() noexcept override { return scheduler_; }
    std::shared_ptr<void> allocate(std::size_t bytes) override { return allocate_private(bytes); }
    bool visible(const void*, std::size_t) const override { return true; }

    std::vector<WorkerStats> stats() const override { return scheduler_.stats(); }
    std::vector<Span> trace() override { return scheduler_.trace(); }
    void close() noexcept override {
        const auto lock = scheduler_.lock();
        scheduler_.close();
    }
    void terminate() noexcept override { terminate("mp: the pool was terminated"); }
    void join() override {
        const auto all_left = [&] { return left_.load() == threads_.size(); };
        scheduler_.wait(all_left, std::nullopt);
        join_threads();
    }

private:
    // ---- Staff: threads never end unexpectedly, and nothing ends them.

    std::vector<os::Watched>& descriptors() noexcept override { return nothing_; }
    void look() override {}
    os::Deadline look_by() noexcept override { return std::nullopt; }
    bool end_worker(unsigned) noexcept override { return false; }
    void terminate(const std::string& why) noexcept override {
        scheduler_.set_broken(why);
        scheduler_.drain();
        scheduler_.close();
    }

    void start(unsigned worker) {
        try {
            threads_.emplace_back([this, worker] {
                WorkerSlot& worker_slot = scheduler_.shared_state().worker_slot(worker);
                worker_slot.counters().cpu.note_thread(os::current_thread());
                if (start_worker(scheduler_.shared_state(), worker, initializer_, host_))
                    run_worker(scheduler_.shared_state(), worker, host_);
                ++left_;
                scheduler_.owner_event().notify();
            });
        } catch (const std::system_error& error) { // its message does not name the limit
            throw std::system_error(error.code(), "mp: cannot start worker " +
                                                      std::to_string(worker + 1) + " of " +
                                                      std::to_string(processes_));
        }
    }

    void join_threads() noexcept {
        const std::lock_guard lock(joining_); // a thread can be joined only once
        for (std::thread& thread : threads_)
            if (thread.joinable()) thread.join();
    }

    bool all_started() {
        return std::ranges::none_of(
            scheduler_.shared_state().worker_slots(),
            [](const WorkerSlot& each) { return each.state() == WorkerState::starting; });
    }

    unsigned processes_;
    std::vector<os::Watched> nothing_;
    Scheduler scheduler_;
    Initializer initializer_;
    WorkerHost host_;
    std::atomic<std::size_t> left_ = 0;
    std::mutex joining_;
    std::vector<std::thread> threads_;
};

} // namespace

std::unique_ptr<Backend> make_threads(BackendOptions options) {
    return std::make_unique<ThreadsBackend>(options);
}

} // namespace mp::detail
