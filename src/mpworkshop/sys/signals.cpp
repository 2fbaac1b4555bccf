#include "mpworkshop/sys/signals.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <iterator>
#include <mp/mp.hpp>

#include "mpworkshop/sys/descriptor.hpp"

namespace mpworkshop::sys {
namespace {

constexpr int fatal[] = {SIGINT, SIGTERM, SIGHUP, SIGXCPU};

constexpr int made_usual[] = {SIGPIPE, SIGCHLD, SIGXFSZ};

/// What this process was started with.
struct Inherited {
    struct sigaction actions[std::size(made_usual)] = {};
    sigset_t mask = {};
    rlimit cpu_seconds = {};
    bool known = false;
} inherited;

std::atomic<int> caught{0};
int wake_up[2] = {-1, -1}; // a pipe: once a byte is in it, every poll below returns

void set(int signal, void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler; // without SA_RESTART, so that a write to a full pipe ends too
    sigemptyset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
}

void on_signal(int signal) {
    const int before = errno;
    for (const int each : fatal) set(each, SIG_DFL); // whoever is impatient gets it at once
    caught.store(signal);
    mp::interrupt();
    [[maybe_unused]] const auto written = ::write(wake_up[1], "", 1);
    errno = before;
}

/// Those that are not ignored, if nothing was caught yet.
void set_fatal(void (*handler)(int)) {
    if (caught.load() != 0) return;
    for (const int signal : fatal) {
        struct sigaction now = {};
        ::sigaction(signal, nullptr, &now);
        if (now.sa_handler != SIG_IGN) set(signal, handler);
    }
}

void remember_inherited() {
    for (std::size_t i = 0; i < std::size(made_usual); ++i)
        ::sigaction(made_usual[i], nullptr, &inherited.actions[i]);
    ::pthread_sigmask(SIG_SETMASK, nullptr, &inherited.mask);
    inherited.known = ::getrlimit(RLIMIT_CPU, &inherited.cpu_seconds) == 0;
}

/// Where the kernel would kill at the very moment of its warning, the warning comes a second
/// before.
void ask_for_warning_of_cpu_limit() {
    rlimit seconds = {};
    if (::getrlimit(RLIMIT_CPU, &seconds) != 0 || seconds.rlim_cur == RLIM_INFINITY) return;
    if (seconds.rlim_cur < seconds.rlim_max || seconds.rlim_cur < 2) return;
    --seconds.rlim_cur;
    ::setrlimit(RLIMIT_CPU, &seconds);
}

} // namespace

void install_signal_handlers() {
    remember_inherited();
    if (::pipe(wake_up) != 0) fail("cannot make a pipe");
    for (const int end : wake_up) {
        ::fcntl(end, F_SETFD, FD_CLOEXEC);
        ::fcntl(end, F_SETFL, O_NONBLOCK);
    }
    set_fatal(on_signal); // nohup, and a shell's background job, have some of them ignored
    // A caller may have left anything behind.
    set(SIGPIPE, SIG_DFL); // ignored, `| head -1` would show an error
    set(SIGCHLD, SIG_DFL); // ignored, the kernel would not tell how a child ended
    set(SIGXFSZ, SIG_IGN); // not ignored, a file that may not grow would kill without a word
    ask_for_warning_of_cpu_limit();
    sigset_t none;
    sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr); // last: one that was held back comes now
}

ImmediateSignals::ImmediateSignals() {
    set_fatal(SIG_DFL);
    if (caught.load() != 0) throw mp::Interrupted();
}

ImmediateSignals::~ImmediateSignals() { set_fatal(on_signal); }

void restore_inherited_signals() {
    set_fatal(SIG_DFL); // one that comes before exec ends the child, too
    if (inherited.known) {
        for (std::size_t i = 0; i < std::size(made_usual); ++i)
            ::sigaction(made_usual[i], &inherited.actions[i], nullptr);
        ::setrlimit(RLIMIT_CPU, &inherited.cpu_seconds);
    }
    ::pthread_sigmask(SIG_SETMASK, &inherited.mask, nullptr);
}

int signal_event() { return wake_up[0]; }

int caught_signal() { return caught.load(); }

void die_by_signal(int signal) {
    rlimit core = {};
    ::getrlimit(RLIMIT_CORE, &core);
    core.rlim_cur = 0; // SIGXCPU would leave one, which tells nobody anything
    ::setrlimit(RLIMIT_CORE, &core);
    set(signal, SIG_DFL);
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, signal);
    ::pthread_sigmask(SIG_UNBLOCK, &mask, nullptr);
    ::raise(signal);
    ::_exit(128 + signal);
}

bool sleep_for(double seconds) {
    using Clock = std::chrono::steady_clock;
    const auto end = Clock::now() + std::chrono::duration_cast<Clock::duration>(
                                        std::chrono::duration<double>(seconds));
    while (caught.load() == 0) {
        const auto left = std::chrono::ceil<std::chrono::milliseconds>(end - Clock::now()).count();
        if (left <= 0) return true;
        pollfd wake_up_pipe = {wake_up[0], POLLIN,
                               0}; // not opened, -1, in a test: poll then just sleeps
        ::poll(&wake_up_pipe, 1, static_cast<int>(std::min<long>(left, 60'000)));
    }
    return false;
}

bool wait_to_read(int descriptor) {
    while (caught.load() == 0) {
        pollfd sources[] = {{descriptor, POLLIN, 0}, {wake_up[0], POLLIN, 0}};
        if (::poll(sources, 2, -1) > 0 && sources[0].revents != 0) return true;
    }
    return false;
}

void leave_signals_to_main_thread() {
    sigset_t all;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

} // namespace mpworkshop::sys
