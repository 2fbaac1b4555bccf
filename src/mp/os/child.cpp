#include "mp/os/child.hpp"

#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <iostream>

#include "mp/os/syscall.hpp"

namespace mp::os {

namespace {

pid_t cached_pid = 0;

void remember_pid() { cached_pid = ::getpid(); }

// Blocks every signal for its lifetime.
class SignalsBlocked {
public:
    SignalsBlocked() {
        sigset_t all;
        sigfillset(&all);
        blocked_ = call(Call::sigmask,
                        [&] { return ::pthread_sigmask(SIG_SETMASK, &all, &before_); }) == 0;
        if (!blocked_) fail("block signals");
    }
    ~SignalsBlocked() {
        if (blocked_) ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    void stay() { blocked_ = false; }

private:
    sigset_t before_{};
    bool blocked_ = false;
};

void reset_signals() {
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action {};
        // The parent's signal handlers refer to the parent's state, so they are reset. Ignored
        // signals stay ignored, as after exec.
        if (::sigaction(number, nullptr, &action) != 0 || action.sa_handler == SIG_IGN ||
            action.sa_handler == SIG_DFL)
            continue;
        action = {};
        action.sa_handler = SIG_DFL;
        ::sigaction(number, &action, nullptr);
    }
    sigset_t none;
    sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

} // namespace

pid_t current_pid() noexcept {
    static const bool registered = [] {
        remember_pid();
        on_fork(remember_pid);
        return true;
    }();
    (void)registered;
    return cached_pid;
}

void on_fork(void (*function)()) noexcept { ::pthread_atfork(nullptr, nullptr, function); }

pid_t parent_pid() noexcept { return ::getppid(); }

void forget_cached_pid() noexcept { remember_pid(); }

void flush_streams() noexcept {
    // Never fflush(nullptr): it waits for a thread that is blocked reading standard input.
    std::fflush(stdout);
    std::fflush(stderr);
    try {
        std::cout.flush();
        std::clog.flush();
    } catch (...) {
        std::cout.clear(); // a stream with exceptions(): a full disk is for the writer to handle
    }
}

pid_t fork_child() {
    (void)current_pid();
    flush_streams();
    SignalsBlocked blocked;
    pid_t pid = call(Call::fork, [] { return ::fork(); });
    if (pid < 0) fail("start a process");
    if (pid == 0) {
        blocked.stay();
        reset_signals();
    }
    return pid;
}

void exit_child(int code) noexcept {
    flush_streams();
    ::_exit(code);
}

bool send_signal(pid_t pid, int signal) noexcept {
    return call(Call::kill, [&] { return ::kill(pid, signal); }) == 0 || errno != EPERM;
}

std::optional<int> reap(pid_t pid, bool block) noexcept {
    siginfo_t info{};
    int options = WEXITED | (block ? 0 : WNOHANG);
    if (retry(Call::waitid,
              [&] { return ::waitid(P_PID, static_cast<id_t>(pid), &info, options); }) != 0)
        return unknown_exit;
    if (info.si_pid == 0) return std::nullopt;
    return info.si_code == CLD_EXITED ? info.si_status : -info.si_status;
}

bool has_continued(pid_t pid) noexcept {
    siginfo_t info{};
    return retry(Call::waitid,
                 [&] {
                     return ::waitid(P_PID, static_cast<id_t>(pid), &info, WCONTINUED | WNOHANG);
                 }) == 0 &&
           info.si_pid != 0;
}

void ignore_terminal_signals() noexcept {
    for (int number : {SIGINT, SIGQUIT}) {
        struct sigaction action {};
        action.sa_handler = SIG_IGN;
        ::sigaction(number, &action, nullptr);
    }
}

void buffer_lines() noexcept {
    static char lines[std::size_t{1} << 16];
    std::setvbuf(stdout, lines, _IOLBF, sizeof lines);
}

} // namespace mp::os
