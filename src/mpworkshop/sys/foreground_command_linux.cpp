#include "mpworkshop/sys/foreground_command.hpp"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <ctime>
#include <mp/mp.hpp>
#include <system_error>

#include "mpworkshop/sys/descriptor.hpp"
#include "mpworkshop/sys/proc_folder.hpp"
#include "mpworkshop/sys/signals.hpp"
#include "mpworkshop/sys/usage.hpp"

namespace mpworkshop::sys {
namespace {

constexpr int passed_on[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2};

sigset_t signals_to_wait_for() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : passed_on) sigaddset(&set, signal);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGCONT);
    return set;
}

/// While this object exists, these signals wait for sigwaitinfo().
class SignalsTaken {
public:
    explicit SignalsTaken(const sigset_t& signals) {
        ::pthread_sigmask(SIG_BLOCK, &signals, &before_);
    }
    ~SignalsTaken() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsTaken(const SignalsTaken&) = delete;
    SignalsTaken& operator=(const SignalsTaken&) = delete;

private:
    sigset_t before_ = {};
};

/// A process in this process group that handles no signal, so that its pending signals show which
/// were sent to the whole group: those are not passed on.
class GroupMember {
public:
    GroupMember() { start(); }
    ~GroupMember() { end(); }
    GroupMember(const GroupMember&) = delete;
    GroupMember& operator=(const GroupMember&) = delete;

    /// Returns whether the signal was sent to the group; clears all pending signals.
    bool got(int signal) {
        if (pid_ <= 0) return false;
        bool pending = has_queued_signal(pid_, signal);
        if (!pending) {
            const timespec moment = {0, 2'000'000}; // the kernel may not have delivered it yet
            ::nanosleep(&moment, nullptr);
            pending = has_queued_signal(pid_, signal);
        }
        if (pending) {
            end();
            start();
        }
        return pending;
    }

    pid_t pid() const { return pid_; }

private:
    void start() {
        const pid_t parent = ::getpid();
        pid_ = ::fork();
        if (pid_ != 0) return; // without this process, it is unknown what was sent to the group
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
        ::prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (const int stream : {STDIN_FILENO, STDOUT_FILENO}) ::close(stream);
        while (::getppid() == parent) ::pause();
        ::_exit(0);
    }
    void end() {
        if (pid_ <= 0) return;
        ::kill(pid_, SIGKILL);
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
        pid_ = -1;
    }

    pid_t pid_ = -1;
};

[[noreturn]] void become_program(const std::vector<char*>& words, int trouble) {
    restore_inherited_signals();
    ::execvp(words[0], words.data());
    const int code = errno;
    [[maybe_unused]] const auto put = ::write(trouble, &code, sizeof code);
    ::_exit(127);
}

/// Starts it. Errors: std::system_error.
pid_t start_program(const std::vector<std::string>& words) {
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe for a command");
    const Descriptor trouble(ends[0]);
    Descriptor other_end(ends[1]);
    const pid_t pid = ::fork();
    if (pid < 0) fail("cannot start a command");
    if (pid == 0) become_program(pointers, other_end.number());
    other_end.close();
    int code = 0;
    ssize_t got = 0;
    do got = ::read(trouble.number(), &code, sizeof code);
    while (got < 0 && errno == EINTR);
    if (got != sizeof code) return pid;
    while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR) {
    }
    fail("cannot start a command", code);
}

/// So that a reader of the command's output sees its end when the command closes it.
void let_go_of_input_and_output() {
    const Descriptor nothing(::open("/dev/null", O_RDWR | O_CLOEXEC));
    if (nothing.number() < 0) return;
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO}) ::dup2(nothing.number(), stream);
}

bool has_arrived(int signal) {
    sigset_t pending;
    return ::sigpending(&pending) == 0 && sigismember(&pending, signal) == 1;
}

bool has_ended(pid_t child) {
    siginfo_t info = {};
    return ::waitid(P_PID, id_t(child), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == child;
}

/// Returns whether it was stopped meanwhile.
bool wait_for_end(pid_t child, const sigset_t& signals, GroupMember& member, ProcessWatch& watch) {
    bool suspended = false;
    while (!has_ended(child)) {
        siginfo_t info = {};
        const int signal = ::sigwaitinfo(&signals, &info);
        if (signal == SIGCONT) suspended = true;
        if (signal <= 0 || signal == SIGCHLD || signal == SIGCONT) continue;
        const bool from_terminal = info.si_code == SI_KERNEL;
        const bool for_group = member.got(signal);
        watch.ignore(member.pid());
        if (!from_terminal && !for_group) ::kill(child, signal);
    }
    return suspended ||
           has_arrived(SIGCONT); // the end of the child has a lower number and comes first
}

} // namespace

ForegroundEnd run_in_foreground(const std::vector<std::string>& words) {
    const sigset_t signals = signals_to_wait_for();
    const SignalsTaken taken(signals);
    if (mp::interrupted()) throw mp::Interrupted();
    GroupMember member;
    ProcessWatch watch;
    const pid_t child = start_program(words);
    watch.begin(child);
    let_go_of_input_and_output();
    ForegroundEnd ended;
    ended.suspended = wait_for_end(child, signals, member, watch);
    watch.end();

    int status = 0;
    rusage used = {};
    while (::wait4(child, &status, 0, &used) < 0 && errno == EINTR) {
    }
    ended.status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    ended.activity = watch.activity(cpu_seconds(used));
    return ended;
}

} // namespace mpworkshop::sys
