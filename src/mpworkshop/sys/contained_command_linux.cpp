#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <mp/mp.hpp>
#include <set>

#include "mpworkshop/sys/contained_command.hpp"
#include "mpworkshop/sys/descriptor.hpp"
#include "mpworkshop/sys/proc_folder.hpp"
#include "mpworkshop/sys/process_group_limit.hpp"
#include "mpworkshop/sys/process_watch.hpp"
#include "mpworkshop/sys/usage.hpp"

namespace mpworkshop::sys {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int look_ms = 100; // between two looks at the deadline and at the processes
constexpr int most_rounds = 400;

struct Ends {
    Descriptor read, write;
};

Ends pipe_ends() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe for a command");
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// All that descends from this process but what was there before.
std::vector<pid_t> descendants(const std::set<pid_t>& before) {
    const Children children;
    std::vector<pid_t> found, left = {::getpid()};
    while (!left.empty()) {
        const pid_t parent = left.back();
        left.pop_back();
        for (const pid_t child : children.of(parent, threads_of(parent)))
            if (!before.contains(child)) {
                found.push_back(child);
                left.push_back(child);
            }
    }
    return found;
}

void sleep_a_moment() {
    const timespec moment = {0, 2'000'000};
    ::nanosleep(&moment, nullptr);
}

/// Ends what descends from this process. What is stopped starts nothing more, so all of it is
/// stopped before any of it is killed.
void end_descendants(const std::set<pid_t>& before) {
    std::set<pid_t> stopped;
    for (int round = 0; round < most_rounds; ++round) {
        bool is_new = false;
        for (const pid_t pid : descendants(before))
            if (stopped.insert(pid).second) {
                ::kill(pid, SIGSTOP);
                is_new = true;
            }
        if (!is_new) break;
    }
    for (int round = 0; round < most_rounds; ++round) {
        const std::vector<pid_t> found = descendants(before);
        if (found.empty()) return;
        for (const pid_t pid : found) {
            ::kill(pid, SIGKILL);
            ::waitpid(pid, nullptr, WNOHANG); // those that this process has adopted
        }
        sleep_a_moment();
    }
}

/// In the child: only calls that are safe there.
[[noreturn]] void become(const ContainedCommand& command, const std::vector<char*>& words,
                         const ProcessGroupLimit& group, int in, int out, int err, int trouble) {
    const auto give_up = [&] {
        const int code = errno;
        [[maybe_unused]] const auto put = ::write(trouble, &code, sizeof code);
        ::_exit(127);
    };
    ::setsid(); // no terminal can be opened from here on
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    group.enter();
    const rlimit none = {0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
    for (int signal = 1; signal < NSIG; ++signal) {
        struct sigaction usual = {};
        usual.sa_handler = SIG_DFL;
        ::sigaction(signal, &usual, nullptr);
    }
    sigset_t no_signal;
    sigemptyset(&no_signal);
    ::pthread_sigmask(SIG_SETMASK, &no_signal, nullptr);
    if (::chdir(command.folder.c_str()) != 0 || ::dup2(in, STDIN_FILENO) < 0 ||
        ::dup2(out, STDOUT_FILENO) < 0 || ::dup2(err, STDERR_FILENO) < 0)
        give_up();
    ::execvp(words[0], words.data());
    give_up();
    ::_exit(127);
}

/// One run, which ends with all its processes when this does.
class Contained {
public:
    explicit Contained(const ContainedCommand& command)
        : command_(command),
          group_(command.hold == Hold::process_tree ? 0 : command.most_processes),
          null_(::open("/dev/null", O_RDONLY | O_CLOEXEC)), out_(pipe_ends()), err_(pipe_ends()),
          trouble_(pipe_ends()) {
        const pid_t self = ::getpid();
        const std::vector<pid_t> there = Children().of(self, threads_of(self));
        before_.insert(there.begin(), there.end());
        end_.by_cgroup = group_.exists();
    }
    ~Contained() { end_all(); }
    Contained(const Contained&) = delete;
    Contained& operator=(const Contained&) = delete;

    ContainedEnd run() {
        start();
        watch_.begin(pid_);
        const bool ended = wait();
        end_.wall_s = std::chrono::duration<double>(Clock::now() - begin_).count();
        if (!ended) {
            group_.kill_all();
            ::kill(pid_, SIGKILL);
        }
        watch_.end();
        int status = 0;
        rusage used = {};
        while (::wait4(pid_, &status, 0, &used) < 0 && errno == EINTR) {
        }
        pid_ = -1;
        end_.status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
        end_.activity = watch_.activity(cpu_seconds(used));
        end_.left_behind = ended ? end_.activity.still_running : 0;
        end_all();
        drain(out_.read, end_.out);
        drain(err_.read, end_.err);
        if (mp::interrupted()) throw mp::Interrupted();
        return std::move(end_);
    }

private:
    void start() {
        std::vector<char*> words;
        words.reserve(command_.words.size() + 1);
        for (const std::string& word : command_.words)
            words.push_back(const_cast<char*>(word.c_str()));
        words.push_back(nullptr);
        begin_ = Clock::now();
        pid_ = ::fork();
        if (pid_ < 0) fail("cannot start a command");
        if (pid_ == 0)
            become(command_, words, group_, null_.number(), out_.write.number(),
                   err_.write.number(), trouble_.write.number());
        out_.write.close();
        err_.write.close();
        trouble_.write.close();
        int code = 0;
        if (::read(trouble_.read.number(), &code, sizeof code) != sizeof code) return;
        ::waitpid(pid_, nullptr, 0);
        pid_ = -1;
        fail("cannot start a command", code);
    }

    /// Whether it ended by itself.
    bool wait() {
        const Descriptor child(int(::syscall(SYS_pidfd_open, pid_, 0)));
        const int wait_ms = child.number() < 0 ? 5 : look_ms;
        for (const int file : {out_.read.number(), err_.read.number()})
            ::fcntl(file, F_SETFL, O_NONBLOCK);
        for (;;) {
            std::array<pollfd, 3> files = {{{out_.read.number(), POLLIN, 0},
                                            {err_.read.number(), POLLIN, 0},
                                            {child.number(), POLLIN, 0}}};
            ::poll(files.data(), files.size(), wait_ms);
            if (files[0].revents != 0) drain(out_.read, end_.out);
            if (files[1].revents != 0) drain(err_.read, end_.err);
            siginfo_t info = {};
            if (::waitid(P_PID, id_t(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
                info.si_pid == pid_) {
                if (group_.was_reached()) end_.cut_short = CutShort::by_processes;
                return true;
            }
            if (is_over() || mp::interrupted()) return false;
        }
    }

    /// Whether it has gone too far.
    bool is_over() {
        if (output_ > command_.most_output)
            end_.cut_short = CutShort::by_output;
        else if (std::chrono::duration<double>(Clock::now() - begin_).count() > command_.deadline_s)
            end_.cut_short = CutShort::by_deadline;
        else if (group_.exists() ? group_.was_reached() : too_many_processes())
            end_.cut_short = CutShort::by_processes;
        return end_.cut_short != CutShort::no;
    }

    bool too_many_processes() {
        const auto now = Clock::now();
        if (now - looked_ < std::chrono::milliseconds(look_ms)) return false;
        looked_ = now;
        return descendants(before_).size() > command_.most_processes;
    }

    /// Reads all that is there.
    void drain(Descriptor& from, std::string& text) {
        std::array<char, 1 << 16> buffer;
        while (from.number() >= 0 && output_ <= command_.most_output) {
            const ssize_t got = ::read(from.number(), buffer.data(), buffer.size());
            if (got < 0) return;
            if (got == 0) return from.close();
            output_ += std::size_t(got);
            text.append(buffer.data(), std::min(std::size_t(got), most_kept_output - text.size()));
        }
    }

    void end_all() {
        group_.kill_all();
        if (pid_ > 0) ::kill(pid_, SIGKILL);
        end_descendants(before_);
    }

    const ContainedCommand& command_;
    ProcessGroupLimit group_;
    Descriptor null_;
    Ends out_, err_, trouble_;
    std::set<pid_t> before_;
    ProcessWatch watch_; // and with it the adoption of what loses its parent
    Clock::time_point begin_, looked_;
    pid_t pid_ = -1;
    std::size_t output_ = 0;
    ContainedEnd end_;
};

} // namespace

ContainedEnd run_contained(const ContainedCommand& command) {
    if (mp::interrupted()) throw mp::Interrupted();
    return Contained(command).run();
}

} // namespace mpworkshop::sys
