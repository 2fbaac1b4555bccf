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

/// The settings with which this process was started.
struct Inherited {
    struct sigaction actions[std::size(made_usual)] = {};
    sigset_t mask = {};
    rlimit cpu_seconds = {};
    bool known = false;
} inherited;

std::atomic<int> caught{0};
int wake_up[2] = {-1, -1}; // a pipe: once it contains a byte, every poll below returns

void set(int signal, void (*handler)(int)) {
    struct sigaction action = {};
    action.sa_handler = handler; // without SA_RESTART, so that a write to a full pipe ends too
    sigemptyset(&action.sa_mask);
    ::sigaction(signal, &action, nullptr);
}

void on_signal(int signal) {
    const int before = errno;
    for (const int each : fatal) set(each, SIG_DFL); // a second signal acts at once
    caught.store(signal);
    mp::interrupt();
    [[maybe_unused]] const auto written = ::write(wake_up[1], "", 1);
    errno = before;
}

/// Those that are not ignored, if no signal has been caught.
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

/// Where the kernel would send the kill at the same moment as the warning, the warning is moved one
/// second earlier.
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
    set_fatal(on_signal); // nohup, and a shell's background job, ignore some of them
    // The caller may have left any setting.
    set(SIGPIPE, SIG_DFL); // if ignored, `| head -1` would show an error
    set(SIGCHLD, SIG_DFL); // if ignored, the kernel would not report how a child ended
    set(SIGXFSZ, SIG_IGN); // if not ignored, a file size limit would kill without a message
    ask_for_warning_of_cpu_limit();
    sigset_t none;
    sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr); // last: a blocked signal arrives now
}

ImmediateSignals::ImmediateSignals() {
    set_fatal(SIG_DFL);
    if (caught.load() != 0) throw mp::Interrupted();
}

ImmediateSignals::~ImmediateSignals() { set_fatal(on_signal); }

void restore_inherited_signals() {
    set_fatal(SIG_DFL); // a signal that arrives before exec ends the child, too
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
    core.rlim_cur = 0; // SIGXCPU would leave a core file, which helps no user
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
                               0}; // -1: not opened, in a test; poll then only sleeps
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
