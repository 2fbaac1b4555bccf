#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <optional>
#include <string>
#include <system_error>
#include <type_traits>
#include <utility>

#include "mp/backends/backends.hpp"
#include "mp/backends/fork_server.hpp"
#include "mp/backends/fork_server_process.hpp"
#include "mp/backends/item_clocks.hpp"
#include "mp/backends/worker_limits.hpp"
#include "mp/backends/worker_process.hpp"
#include "mp/interrupt_event.hpp"
#include "mp/log.hpp"
#include "mp/os/child.hpp"
#include "mp/scheduler/scheduler.hpp"

namespace mp::detail {

namespace {

// The pool is broken after this many workers in a row end before they are ready.
constexpr unsigned failed_starts_allowed = 20;

class ProcessesBackend final : public Backend, private Staff {
public:
    explicit ProcessesBackend(BackendOptions options)
        : initializer_((check_limit_of_many(options.processes), std::move(options.initializer))),
          scheduler_(options, *this), workers_(options.processes),
          clocks_(scheduler_, workers_, options.task_timeout),
          context_{new_seal(), &scheduler_.shared_state(), &scheduler_.owner_event(), &initializer_,
                   this,       os::current_pid(),          os::on_main_thread()},
          watched_(1 + options.processes, os::watch(-1)) {
        (void)OutOfMemoryKills::of_this_process(); // counts from now on
        fork_server_.start(context_);
        watched_[0] = os::watch(fork_server_.descriptor());
        try {
            scheduler_.wait([&] { return all_ready(); }, std::nullopt);
            scheduler_.start_sampling();
        } catch (...) {
            terminate();
            throw;
        }
        was_ready_ = true;
        log(LogLevel::info,
            "pool of " + std::to_string(options.processes) + " worker processes is ready");
    }
    ~ProcessesBackend() override { terminate(); }

    unsigned processes() const override { return static_cast<unsigned>(workers_.size()); }
    Executor& executor() noexcept override { return scheduler_; }
    std::shared_ptr<void> allocate(std::size_t bytes) override {
        return shared_pointer(SharedArena::own().take(bytes));
    }
    bool visible(const void* data, std::size_t bytes) const override {
        return SharedArena::own().contains(data, bytes);
    }

    std::vector<WorkerStats> stats() const override { return scheduler_.stats(); }
    std::vector<Span> trace() override { return scheduler_.trace(); }

    void close() noexcept override {
        const auto lock = scheduler_.lock();
        leaving_ = true;
        scheduler_.close();
    }

    void join() override {
        if (alive_.load() != 0) scheduler_.wait([&] { return alive_.load() == 0; }, std::nullopt);
        const auto lock = scheduler_.lock();
        join_fork_server();
    }

    void terminate() noexcept override { terminate("mp: the pool was terminated"); }

private:
    WorkerSlot& slot_of(unsigned worker) { return scheduler_.shared_state().worker_slot(worker); }

    // ---- Staff: what the scheduler requests.

    std::vector<os::Watched>& descriptors() noexcept override { return watched_; }
    os::Deadline look_by() noexcept override { return clocks_.look_by(); }
    bool end_worker(unsigned index) noexcept override {
        adopt(index);
        if (!workers_[index]) return false;
        workers_[index].terminate();
        return true;
    }
    // Once the pool runs, any error with its workers ends the pool.
    void look() override {
        if (!was_ready_) return look_at_workers();
        try {
            look_at_workers();
        } catch (const BrokenPool&) {
            throw;
        } catch (const std::exception& error) {
            throw BrokenPool(std::string("mp: the pool cannot look after its workers: ") +
                             error.what());
        }
    }

    // Ends workers that have run an item for too long, and kills those that were asked to end and
    // did not.
    void look_at_clocks() noexcept {
        for (unsigned i = 0; i < workers_.size(); ++i) {
            if (workers_[i]) workers_[i].kill_if_due();
            if (const auto item = clocks_.item(i);
                item && now_ns() >= item->due_ns &&
                !workers_[i].restart_time_if_continued(scheduler_.stopped_ns()))
                (void)scheduler_.end_worker(i, Fate::timed_out, nullptr, item->began_ns);
        }
    }

    void terminate(const std::string& why) noexcept override {
        scheduler_.set_broken(why);
        {
            const auto lock = scheduler_.lock();
            leaving_ = true;
            scheduler_.take_all_back(); // a worker that wakes up finds nothing
            for (unsigned i = 0; i < workers_.size(); ++i) {
                adopt(i);
                WorkerProcess& worker = workers_[i];
                if (!worker) continue;
                const WorkerSlot& slot = slot_of(i);
                if (slot.in_job() != 0)
                    worker.terminate();
                else if (slot.counters().has_run_items() && os::has_children(worker.pid()))
                    worker.stop_descendants();
            }
            scheduler_.close(); // not earlier: the processes they started would then have no parent
            if (std::ranges::any_of(workers_, &WorkerProcess::is_out_of_reach))
                fork_server_.send_away_killing();
            join_fork_server();
            const auto deadline = os::Clock::now() + grace;
            while (!reap_ended() && os::Clock::now() < deadline) os::wait_ready(watched_, deadline);
            for (WorkerProcess& worker : workers_)
                if (worker) worker.kill();
            for (unsigned i = 0; i < workers_.size(); ++i)
                if (workers_[i]) worker_exited(i, reap(i, true).value_or(unknown_exit));
            alive_ = 0;
        }
        scheduler_.discard_all();
    }

    bool all_ready() {
        for (unsigned i = 0; i < workers_.size(); ++i)
            if (!workers_[i] || slot_of(i).state() != WorkerState::ready) return false;
        return true;
    }

    // Handles the events of the descriptors in watched_.
    void look_at_workers() {
        if (os::is_ready(watched_[0])) receive_reply();
        for (unsigned i = 0; i < workers_.size(); ++i)
            // A task's own child may hold the pipe that reports the end, and that child may be
            // stopped.
            if (os::is_ready(watched_[1 + i]) || (workers_[i] && scheduler_.is_marked_for_kill(i)))
                if (auto status = reap(i, false)) replace(i, *status);
        look_at_clocks();
    }

    void receive_reply() {
        Reply reply{};
        os::Descriptor ended;
        const os::Message heard = fork_server_.receive(reply, ended);
        if (heard == os::Message::none || heard == os::Message::unknown) return;
        if (heard == os::Message::end) {
            watched_[0] = os::watch(-1);
            adopt_unreported();
            log(LogLevel::warning,
                "the template process has ended; workers that end cannot be replaced any more");
            for (const WorkerProcess& worker : workers_)
                if (!worker || !worker.ended())
                    throw BrokenPool(
                        "mp: the pool's template process has ended; no worker can be started");
            return;
        }
        if (reply.pid > 0) {
            meet(reply, std::move(ended));
            const WorkerProcess& worker = workers_[reply.worker];
            if (worker.pid() != reply.pid || worker.ended()) return;
            // It cannot be watched. Either it has ended, and a signal handler of the program has
            // reaped it, or there is no descriptor left.
            const auto status = reap(reply.worker, false);
            if (!status) refused({reply.seal, reply.worker, -1, EMFILE});
            return replace(reply.worker, *status);
        }
        if (workers_[reply.worker]) return; // already reported
        // Some sandboxes and tools have no clone with a chosen parent. Then the owner forks, which
        // is less safe.
        if (reply.error != EINVAL && reply.error != ENOSYS && reply.error != EPERM) refused(reply);
        if (!workers_[reply.worker]) fork_worker(reply.worker);
    }

    [[noreturn]] void refused(const Reply& reply) const {
        if (!was_ready_ && reply.error == EAGAIN)
            check_limit(static_cast<unsigned>(workers_.size()) - reply.worker);
        const std::system_error error(reply.error, std::generic_category(),
                                      "mp: cannot start worker " +
                                          std::to_string(reply.worker + 1) + " of " +
                                          std::to_string(workers_.size()));
        if (was_ready_) throw BrokenPool(error.what());
        throw error;
    }

    // Adopts a worker that the fork server has created and not yet reported.
    void adopt(unsigned index) {
        const pid_t pid = slot_of(index).unreported_pid().load();
        if (pid == 0 || workers_[index]) return;
        expected_.push_back({index, pid});
        adopt(index, pid, {});
    }

    // The fork server will report no more workers.
    void adopt_unreported() {
        for (unsigned i = 0; i < workers_.size(); ++i) adopt(i);
        expected_.clear();
    }

    // Handles the fork server's report of a worker, which may have been adopted, or even have
    // ended, before.
    void meet(const Reply& reply, os::Descriptor ended) {
        const auto adopted = std::ranges::find_if(expected_, [&](const Adopted& each) {
            return each.worker == reply.worker && each.pid == reply.pid;
        });
        if (adopted == expected_.end()) {
            if (!workers_[reply.worker]) adopt(reply.worker, reply.pid, std::move(ended));
            return; // already reported
        }
        expected_.erase(adopted);
        WorkerProcess& worker = workers_[reply.worker];
        if (worker.pid() != reply.pid || worker.ended()) return;
        worker.watch(std::move(ended));
        watched_[1 + reply.worker] = os::watch(worker.ended().get());
    }

    void fork_worker(unsigned index) {
        os::Pair pipe = os::make_pipe();
        ForkContext context = context_;
        context.forked_by_main_thread = context.forked_by_main_thread && os::on_main_thread();
        const pid_t pid = os::fork_child();
        if (pid == 0) {
            pipe.first.reset();
            fork_server_.close_descriptor();
            for (WorkerProcess& worker : workers_) worker.close_descriptor();
            leave_parents_interrupt();
            os::ignore_terminal_signals();
            os::buffer_lines();
            run_worker_process(context, index);
        }
        os::Descriptor watch = os::watch_exit(pid);
        adopt(index, pid, watch ? std::move(watch) : std::move(pipe.first));
    }

    void adopt(unsigned index, pid_t pid, os::Descriptor ended) {
        if (!ended) ended = os::watch_exit(pid);
        workers_[index] = WorkerProcess(pid, std::move(ended), &fork_server_);
        watched_[1 + index] = os::watch(workers_[index].ended().get());
        slot_of(index).set_pid(pid);
        slot_of(index).unreported_pid().store(0);
        log(LogLevel::debug, name_of(index, pid) + " started");
    }

    // The worker's exit status, once it has ended. What it has computed is known only until then.
    std::optional<int> reap(unsigned index, bool block) noexcept {
        WorkerCounters& counters = slot_of(index).counters();
        if (!counters.has_left()) counters.cpu.note_end(counters.cpu.ask(workers_[index].pid()));
        return workers_[index].reap(block);
    }

    // A worker has ended: its grains are recorded as lost or given to others, and its descriptor is
    // closed.
    void worker_exited(unsigned index, int status) noexcept {
        const bool starved = status == -SIGKILL && !scheduler_.is_marked_for_kill(index) &&
                             OutOfMemoryKills::of_this_process().explain_exit();
        scheduler_.worker_lost(index, status, starved ? Fate::starved : Fate::died);
        watched_[1 + index] = os::watch(-1);
        workers_[index].kill_descendants();
        workers_[index] = {};
    }

    void replace(unsigned index, int status) {
        WorkerSlot& worker_slot = slot_of(index);
        const pid_t pid = workers_[index].pid();
        const WorkerState state = worker_slot.state();
        const bool budget_exhausted = worker_slot.has_exhausted_budget();
        const bool marked_for_kill = scheduler_.is_marked_for_kill(index);
        const bool left = worker_slot.counters().has_left(); // voluntarily, having found no work
        worker_exited(index, status);
        if (leaving_ && ((left && !budget_exhausted) || !scheduler_.has_work())) {
            --alive_;
            if (nobody_works() && !scheduler_.has_work()) {
                fork_server_.stop();
                watched_[0] = os::watch(fork_server_.descriptor()); // its end is expected
            }
            return;
        }
        if (!budget_exhausted) worker_slot.counters().count_restart();
        log(budget_exhausted ? LogLevel::debug : LogLevel::warning,
            name_of(index, pid) +
                (budget_exhausted  ? " has run maxtasksperchild chunks"
                 : marked_for_kill ? " was ended, because its item was cancelled or ran too long"
                                   : " ended by " + describe_exit(status)) +
                "; starting another");
        if (state == WorkerState::failed) {
            RemoteError error = thrown_error_of(*worker_slot.init_failure());
            if (!was_ready_) throw error;
            throw BrokenPool(std::string("mp: the initializer failed in a new worker: ") +
                             error.what());
        }
        failed_starts_ = state == WorkerState::ready ? 0 : failed_starts_ + 1;
        if (failed_starts_ > failed_starts_allowed)
            throw BrokenPool("mp: workers end before they are ready, the last by " +
                             describe_exit(status));
        worker_slot.expect_worker();
        if (fork_server_.stopped()) return fork_worker(index);
        if (!fork_server_.request(index))
            throw BrokenPool("mp: " + name_of(index, pid) + " ended by " + describe_exit(status) +
                             ", and the template process that could start another has ended");
    }

    // All workers have started or left, and none is working. Most likely no worker will be replaced
    // any more, so the fork server can leave while they do. It stays if only the fork server would
    // end them when their owner dies.
    bool nobody_works() {
        std::size_t there = 0;
        for (unsigned i = 0; i < workers_.size(); ++i) {
            if (!workers_[i]) continue;
            if (slot_of(i).in_job() != 0) return false;
            ++there;
        }
        return there == alive_ && context_.forked_by_main_thread;
    }

    // Adopts the workers that were requested and that the fork server has not reported.
    void join_fork_server() noexcept {
        watched_[0] = os::watch(-1);
        fork_server_.join(
            [this](const Reply& reply, os::Descriptor ended) { meet(reply, std::move(ended)); });
        adopt_unreported(); // it creates no more workers now
    }

    bool reap_ended() noexcept {
        for (unsigned i = 0; i < workers_.size(); ++i)
            if (workers_[i])
                if (auto status = reap(i, false)) worker_exited(i, *status);
        return std::ranges::none_of(workers_, &WorkerProcess::operator bool);
    }

    struct Adopted {
        unsigned worker;
        pid_t pid;
    };

    Initializer initializer_;
    Scheduler scheduler_;
    std::vector<WorkerProcess> workers_;
    std::vector<Adopted> expected_; // created, but not yet reported by the fork server
    ItemClocks clocks_;
    ForkContext context_;
    std::vector<os::Watched> watched_; // the fork server's channel, then each worker's end
    ForkServerProcess fork_server_;
    std::atomic<std::size_t> alive_ = workers_.size(); // including those that are still starting
    bool leaving_ = false;
    bool was_ready_ = false;
    unsigned failed_starts_ = 0;
};

} // namespace

std::unique_ptr<Backend> make_processes(BackendOptions options) {
    return std::make_unique<ProcessesBackend>(std::move(options));
}

} // namespace mp::detail
