#include "mpworkshop/sys/suspensions.hpp"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>

namespace mpworkshop::sys {
namespace {

volatile std::sig_atomic_t asked_to_stop = 0, continued = 0;

void on_stop(int) { asked_to_stop = 1; }
void on_continue(int) { continued = 1; }

void take(int signal, void (*handler)(int), struct sigaction& before) {
    struct sigaction action = {};
    action.sa_handler = handler;
    sigemptyset(&action.sa_mask);
    ::sigaction(signal, nullptr, &before);
    if (before.sa_handler != SIG_IGN) ::sigaction(signal, &action, nullptr);
}

void rest(long milliseconds) {
    const timespec time = {0, milliseconds * 1'000'000};
    ::nanosleep(&time, nullptr);
}

/// A launcher such as mpirun catches the first signal and passes it on; the second cannot be
/// caught.
void stop(pid_t group) {
    ::kill(-group, SIGTSTP);
    rest(20);
    ::kill(-group, SIGSTOP);
}

bool is_stopped(int stat) {
    char text[512];
    const ssize_t got = ::pread(stat, text, sizeof text, 0);
    const auto* const name_end =
        got > 0 ? static_cast<const char*>(::memrchr(text, ')', std::size_t(got))) : nullptr;
    return name_end != nullptr && name_end + 2 < text + got && name_end[2] == 'T';
}

/// In a child, which ends with its parent.
[[noreturn]] void look_after(pid_t group, int stat, pid_t parent) {
    for (bool stopped = false;;) {
        rest(50);
        const bool alone = ::getppid() != parent;
        const bool now = !alone && is_stopped(stat);
        if (now && !stopped) stop(group);
        if (!now && stopped) ::kill(-group, SIGCONT);
        if (alone) ::_exit(0);
        stopped = now;
    }
}

} // namespace

Suspensions::Suspensions(pid_t group) : group_(group) {
    asked_to_stop = 0;
    continued = 0;
    take(SIGTSTP, on_stop, stop_before_);
    take(SIGCONT, on_continue, continue_before_);
}

Suspensions::~Suspensions() {
    if (watcher_ > 0) {
        ::kill(watcher_, SIGKILL);
        while (::waitpid(watcher_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }
    ::sigaction(SIGTSTP, &stop_before_, nullptr);
    ::sigaction(SIGCONT, &continue_before_, nullptr);
}

void Suspensions::watch() {
    char path[64];
    const pid_t parent = ::getpid();
    std::snprintf(path, sizeof path, "/proc/%d/stat", int(parent));
    const int stat = ::open(path, O_RDONLY | O_CLOEXEC);
    if (stat < 0) return;
    watcher_ = ::fork();
    if (watcher_ == 0) { // only async-signal-safe calls
        ::setpgid(0, 0);
        look_after(group_, stat, parent);
    }
    ::close(stat);
}

void Suspensions::stop_if_asked() {
    if (asked_to_stop == 0) return;
    asked_to_stop = 0;
    stop(group_);
    // As the signal would have ended it, so that a shell sees that.
    struct sigaction handler = {}, usual = {};
    usual.sa_handler = SIG_DFL;
    ::sigaction(SIGTSTP, &usual, &handler);
    sigset_t only, before;
    sigemptyset(&only);
    sigaddset(&only, SIGTSTP);
    ::raise(SIGTSTP);
    ::pthread_sigmask(SIG_UNBLOCK, &only, &before); // here it stops
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    ::sigaction(SIGTSTP, &handler, nullptr);
    continued = 1;
    ::kill(-group_, SIGCONT);
}

bool Suspensions::any() const {
    sigset_t pending;
    return continued != 0 || (::sigpending(&pending) == 0 && sigismember(&pending, SIGCONT) == 1);
}

} // namespace mpworkshop::sys
