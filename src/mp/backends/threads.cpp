#include <thread>

#include "mp/backends/backends.hpp"
#include "mp/backends/crew.hpp"
#include "mp/backends/work.hpp"
#include "mp/os/child.hpp"

namespace mp::detail {

namespace {

class ThreadsBackend final : public Backend {
public:
    explicit ThreadsBackend(const BackendOptions& options)
        : crew_(options), initializer_(options.initializer),
          around_{[this] { crew_.doorbell().ring(); }, this} {
        Board& board = crew_.board();
        threads_.reserve(options.processes);
        try {
            for (unsigned i = 0; i < options.processes; ++i) {
                board.places[i].pid = os::current_pid();
                threads_.emplace_back([this, i] {
                    if (start_worker(crew_.board(), i, initializer_, around_))
                        serve(crew_.board(), i, around_);
                });
            }
            crew_.wait([&] { return all_started(); }, nothing_, [] {});
            for (unsigned i = 0; i < options.processes; ++i)
                if (const FailureNote* note = board.places[i].init_failure.load())
                    throw error_of(*note);
        } catch (...) {
            terminate();
            join();
            throw;
        }
    }
    ~ThreadsBackend() override {
        terminate();
        join();
    }

    std::shared_ptr<void> allocate(std::size_t bytes) override { return allocate_here(bytes); }
    bool visible(const void*, std::size_t) const override { return true; }

    void run(const Job& job) override {
        try {
            crew_.run(job, nothing_, [] {});
        } catch (...) {
            // Whatever cut the wait short, nobody may write to the job's memory once it is the
            // caller's again.
            crew_.withdraw();
            throw;
        }
    }

    void collected() noexcept override { crew_.collected(); }
    void abandon() noexcept override { crew_.abandon(); }
    std::vector<WorkerStats> stats() const override { return crew_.stats(); }
    std::vector<Span> trace() const override { return crew_.trace(); }
    void close() noexcept override { crew_.order_to_leave(); }
    void terminate() noexcept override {
        crew_.withdraw();
        crew_.order_to_leave();
    }
    void join() noexcept override {
        for (std::thread& thread : threads_)
            if (thread.joinable()) thread.join();
    }

private:
    bool all_started() {
        for (unsigned i = 0; i < crew_.board().processes; ++i)
            if (crew_.board().places[i].state.load() == WorkerState::starting) return false;
        return true;
    }

    Crew crew_;
    Initializer initializer_;
    Surroundings around_;
    std::vector<os::Watched> nothing_;
    std::vector<std::thread> threads_;
};

} // namespace

std::unique_ptr<Backend> make_threads(BackendOptions options) {
    return std::make_unique<ThreadsBackend>(options);
}

} // namespace mp::detail
