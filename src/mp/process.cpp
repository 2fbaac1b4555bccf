#include "mp/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>

#include "mp/arena.hpp"
#include "mp/error.hpp"
#include "mp/failure.hpp"
#include "mp/interrupt.hpp"
#include "mp/interrupt_event.hpp"
#include "mp/log.hpp"
#include "mp/os/child.hpp"
#include "mp/os/event.hpp"
#include "mp/worker.hpp"

namespace mp {

namespace {

constexpr Duration grace = std::chrono::milliseconds(200);

// The message of an uncaught exception; the child writes it, the parent reads it afterwards.
struct ExitMessage {
    char text[1000];
};

static_assert(unknown_exit == os::unknown_exit);

} // namespace

struct Process::State {
    std::function<void()> function;
    pid_t owner = 0; // the process that may join
    pid_t pid = 0;
    std::optional<int> exitcode;
    os::Descriptor ended;         // readable once the child has ended
    os::Descriptor liveness_pipe; // closing it, or writing to it, kills the child
    detail::SharedBlock words;

    bool mine() const { return owner == os::current_pid(); }

    // Waits until `deadline` at most; returns whether the child has ended.
    bool wait(os::Deadline deadline) {
        while (!exitcode) {
            os::Watched watched[] = {os::watch(ended.get()),
                                     os::watch(detail::interrupt_event().descriptor())};
            os::wait_ready(watched, deadline);
            if (collect()) break;
            if (interrupted()) throw Interrupted();
            if (deadline && os::Clock::now() >= *deadline) return false;
        }
        return true;
    }

    bool collect() {
        if (!exitcode && pid != 0 && (exitcode = os::reap(pid, false))) {
            ended.reset();
            liveness_pipe.reset();
            const auto* said = reinterpret_cast<const ExitMessage*>(words.data());
            if (said->text[0] != '\0')
                log(LogLevel::warning,
                    "process " + std::to_string(pid) + " ended by an exception: " + said->text);
        }
        return exitcode.has_value();
    }

    // Sends a signal. Where this process may not, it closes the liveness connection, which kills
    // the child.
    void signal(int number) noexcept {
        if (!os::send_signal(pid, number)) (void)os::send_message(liveness_pipe.get(), "", 1, -1);
    }

    void stop() noexcept {
        if (pid == 0 || !mine() || collect()) return;
        signal(SIGTERM);
        const auto deadline = os::Clock::now() + grace;
        while (!collect() && os::Clock::now() < deadline) {
            os::Watched watched[] = {os::watch(ended.get())};
            os::wait_ready(watched, deadline);
        }
        if (exitcode) return;
        signal(SIGKILL);
        exitcode = os::reap(pid, true);
    }
};

Process::Process(Prepared, std::function<void()> function) : state_(std::make_unique<State>()) {
    state_->function = std::move(function);
}
Process::Process(Process&&) noexcept = default;
Process& Process::operator=(Process&& other) noexcept {
    if (this == &other) return *this;
    if (state_) state_->stop();
    state_ = std::move(other.state_);
    return *this;
}
Process::~Process() {
    if (state_) state_->stop();
}

Process::State& Process::state() const {
    if (state_ == nullptr)
        throw std::logic_error("mp::Process: this object was moved from; use the one it went to");
    return *state_;
}

void Process::start() {
    State& state = this->state();
    if (state.pid != 0)
        throw std::logic_error("mp::Process: started already; make a new one to run again");
    (void)detail::interrupt_event();
    state.words = detail::SharedArena::own().take(sizeof(ExitMessage));
    auto* words = reinterpret_cast<ExitMessage*>(state.words.data());
    words->text[0] = '\0';
    // Where the kernel has no descriptor for the end of a process, a pipe that only the child holds
    // open reports it.
    os::Pair pipe = os::make_pipe();
    os::Pair liveness_pipe = os::make_channel();
    const pid_t parent = os::current_pid();
    const bool main_thread = os::on_main_thread();
    const pid_t pid = os::fork_child();
    if (pid == 0) {
        pipe.first.reset();
        detail::set_in_child();
        detail::leave_parents_interrupt();
        liveness_pipe.second.reset();
        (void)os::die_with_parent(parent, main_thread);
        (void)os::die_at_end_of(liveness_pipe.first);
        os::buffer_lines();
        int code = 0;
        try {
            state.function();
        } catch (...) {
            code = 1;
            detail::Failure failure = detail::current_failure();
            std::string text = failure.type_name + ": " + failure.what;
            std::strncpy(words->text, text.c_str(), sizeof words->text - 1);
            words->text[sizeof words->text - 1] = '\0';
        }
        os::exit_child(code);
    }
    state.liveness_pipe = std::move(liveness_pipe.second);
    state.owner = parent;
    state.pid = pid;
    state.ended = os::watch_exit(pid);
    if (!state.ended) state.ended = std::move(pipe.first);
    log(LogLevel::debug, "process " + std::to_string(pid) + " started");
}

void Process::join() { joinable().wait(std::nullopt); }

bool Process::join(Duration timeout) {
    State& state = joinable();
    if (timeout <= Duration::zero()) return state.collect();
    return state.wait(os::Clock::now() + timeout);
}

Process::State& Process::joinable() const {
    State& state = this->state();
    if (state.pid == 0) throw std::logic_error("mp::Process: join() before start()");
    if (!state.mine())
        throw std::logic_error("mp::Process: only the process that started it can join it");
    return state;
}

void Process::terminate() {
    if (is_alive()) state().signal(SIGTERM);
}

void Process::kill() {
    if (is_alive()) state().signal(SIGKILL);
}

bool Process::is_alive() {
    State& state = this->state();
    return state.pid != 0 && state.mine() && !state.collect();
}

pid_t Process::pid() const { return state().pid; }

std::optional<int> Process::exitcode() {
    State& state = this->state();
    if (state.pid != 0 && state.mine()) state.collect();
    return state.exitcode == unknown_exit ? std::nullopt : state.exitcode;
}

namespace this_process {
pid_t pid() { return os::current_pid(); }
pid_t parent_pid() { return os::parent_pid(); }
} // namespace this_process

} // namespace mp
