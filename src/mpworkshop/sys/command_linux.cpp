#include "mpworkshop/sys/command.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <mp/mp.hpp>
#include <optional>
#include <poll.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>

#include "mpworkshop/sys/descriptor.hpp"
#include "mpworkshop/sys/process_watch.hpp"
#include "mpworkshop/sys/suspensions.hpp"
#include "mpworkshop/sys/usage.hpp"

namespace mpworkshop::sys {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto grace = std::chrono::seconds(2);

struct Pipe {
    Descriptor read, write;
};

Pipe make_pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) fail("cannot make a pipe for a command");
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// A file that the command can read from the beginning.
Descriptor file_with(std::string_view text) {
    Descriptor file(::memfd_create("input", MFD_CLOEXEC));
    if (file.number() < 0) fail("cannot make the input of a command");
    for (std::size_t at = 0; at < text.size();) {
        const ssize_t put = ::write(file.number(), text.data() + at, text.size() - at);
        if (put < 0 && errno != EINTR) fail("cannot make the input of a command");
        if (put > 0) at += std::size_t(put);
    }
    if (::lseek(file.number(), 0, SEEK_SET) < 0) fail("cannot make the input of a command");
    return file;
}

/// While this object exists, signals arrive only where waiting() is the mask.
class SignalsHeld {
public:
    SignalsHeld() {
        sigset_t all;
        sigfillset(&all);
        ::pthread_sigmask(SIG_SETMASK, &all, &before_);
    }
    ~SignalsHeld() { ::pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

    const sigset_t& waiting() const { return before_; }

private:
    sigset_t before_ = {};
};

struct Streams {
    Descriptor in;
    Pipe out, err;
    Pipe trouble; ///< closed by exec, or carries an errno
};

/// In the child: only async-signal-safe calls.
[[noreturn]] void become(const std::vector<char*>& words, const Streams& streams, pid_t parent) {
    const auto give_up = [&] {
        const int code = errno;
        [[maybe_unused]] const auto put =
            ::write(streams.trouble.write.number(), &code, sizeof code);
        ::_exit(127);
    };
    ::setpgid(0, 0);
    if (::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) give_up();
    if (::getppid() != parent) ::_exit(127); // the parent died before it could be watched
    // A stop that was sent to the whole group before this process left it must be passed on by the
    // parent. Here it would stop the command before it exists, while the parent waits for its
    // start.
    for (const int signal : {SIGTSTP, SIGTTIN, SIGTTOU}) {
        struct sigaction ignored = {}, before = {};
        ignored.sa_handler = SIG_IGN; // drops pending ones
        if (::sigaction(signal, &ignored, &before) == 0) ::sigaction(signal, &before, nullptr);
    }
    // How this program handles signals must not affect the command. But signals from a terminal
    // stay ignored if a shell or nohup ignored them.
    for (int signal = 1; signal < NSIG; ++signal) {
        const bool of_a_terminal = signal == SIGINT || signal == SIGQUIT || signal == SIGHUP ||
                                   signal == SIGTSTP || signal == SIGTTIN || signal == SIGTTOU;
        struct sigaction now = {};
        if (::sigaction(signal, nullptr, &now) != 0 || now.sa_handler == SIG_DFL) continue;
        if (of_a_terminal && now.sa_handler == SIG_IGN) continue;
        now = {};
        now.sa_handler = SIG_DFL;
        ::sigaction(signal, &now, nullptr);
    }
    if (::dup2(streams.in.number(), STDIN_FILENO) < 0 ||
        ::dup2(streams.out.write.number(), STDOUT_FILENO) < 0 ||
        ::dup2(streams.err.write.number(), STDERR_FILENO) < 0)
        give_up();
    sigset_t none;
    sigemptyset(&none);
    ::pthread_sigmask(SIG_SETMASK, &none, nullptr);
    ::execvp(words[0], words.data());
    give_up();
    ::_exit(127);
}

/// A running command; the destructor ends it if it still runs.
class Child {
public:
    /// `watch`: null: it is not watched.
    Child(pid_t pid, const sigset_t& mask, Clock::time_point deadline, ProcessWatch* watch)
        : pid_(pid), mask_(mask), deadline_(deadline), watch_(watch), suspensions_(pid) {}
    ~Child() {
        if (pid_ > 0) end();
    }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    /// Reads both streams until both have ended. Errors: mp::Interrupted, CommandTimeout.
    void read(Descriptor& out, Descriptor& err, Ended& ended,
              const std::function<void(std::string_view)>& errors) {
        for (bool watched = false; out.number() >= 0 || err.number() >= 0;) {
            if (mp::interrupted()) throw mp::Interrupted();
            suspensions_.stop_if_asked();
            const std::optional<timespec> most = longest_wait(watched);
            std::array<pollfd, 2> streams = {
                {{out.number(), POLLIN, 0}, {err.number(), POLLIN, 0}}};
            // A signal arrives only during this wait, so none is lost before it.
            const int ready =
                ::ppoll(streams.data(), streams.size(), most ? &*most : nullptr, &mask_);
            if (ready == 0 && !watched) { // short commands are not watched
                watched = true;
                suspensions_.watch();
                if (watch_ != nullptr) watch_->ignore(suspensions_.helper());
            }
            if (ready < 0 && errno == EINTR) continue;
            if (ready < 0) fail("cannot wait for a command");
            if (streams[0].revents != 0) take(out, ended.out);
            const std::size_t known = ended.err.size();
            if (streams[1].revents != 0) take(err, ended.err);
            if (errors && ended.err.size() > known)
                errors(std::string_view(ended.err).substr(known));
        }
    }

    /// Blocks until it has ended, usually microseconds after its output is closed. Errors:
    /// mp::Interrupted.
    void wait() {
        for (siginfo_t info = {};;) {
            if (::waitid(P_PID, id_t(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0)
                fail("cannot wait for a command");
            if (info.si_pid == pid_) return;
            if (mp::interrupted()) throw mp::Interrupted();
            suspensions_.stop_if_asked();
            const timespec interval = {0, 50'000};
            ::ppoll(nullptr, 0, &interval, &mask_);
        }
    }

    /// After wait().
    void reap(Ended& ended) {
        int status = 0;
        rusage used = {};
        while (::wait4(pid_, &status, 0, &used) < 0)
            if (errno != EINTR) fail("cannot wait for a command");
        pid_ = -1;
        ended.suspended = suspensions_.any();
        ended.status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
        ended.cpu_s = cpu_seconds(used);
    }

private:
    /// The time until watching must begin, or until the deadline; empty: no limit. Errors:
    /// CommandTimeout.
    std::optional<timespec> longest_wait(bool watched) const {
        constexpr Clock::duration moment = std::chrono::milliseconds(100);
        std::optional<Clock::duration> most;
        if (!watched) most = moment;
        if (deadline_ != Clock::time_point::max() && !suspensions_.any()) {
            const Clock::duration left = deadline_ - Clock::now();
            if (left <= Clock::duration::zero()) throw CommandTimeout();
            most = std::min(most.value_or(left), left);
        }
        if (!most) return std::nullopt;
        const auto seconds = std::chrono::floor<std::chrono::seconds>(*most);
        return timespec{seconds.count(), std::chrono::nanoseconds(*most - seconds).count()};
    }

    static void take(Descriptor& from, std::string& text) {
        std::array<char, 1 << 16> buffer;
        const ssize_t got = ::read(from.number(), buffer.data(), buffer.size());
        if (got > 0)
            text.append(buffer.data(), std::size_t(got));
        else if (got == 0 || errno != EINTR)
            from.close();
    }

    void end() {
        ::kill(-pid_, SIGTERM);
        ::kill(-pid_, SIGCONT); // a stopped process would not react
        const auto until = Clock::now() + grace;
        siginfo_t info = {};
        while (Clock::now() < until) {
            if (::waitid(P_PID, id_t(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) break;
            if (info.si_pid == pid_) break;
            const timespec interval = {0, 5'000'000};
            ::nanosleep(&interval, nullptr);
        }
        ::kill(-pid_, SIGKILL); // also processes that the command left behind
        while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
        }
    }

    pid_t pid_;
    sigset_t mask_;
    Clock::time_point deadline_;
    ProcessWatch* watch_;
    Suspensions suspensions_;
};

} // namespace

Ended run_command(const std::vector<std::string>& words, std::string_view input,
                  const std::function<void(std::string_view)>& errors, Clock::time_point deadline,
                  Watched watched) {
    if (mp::interrupted()) throw mp::Interrupted();
    std::vector<char*> pointers;
    pointers.reserve(words.size() + 1);
    for (const std::string& word : words) pointers.push_back(const_cast<char*>(word.c_str()));
    pointers.push_back(nullptr);
    Streams streams{file_with(input), make_pipe(), make_pipe(), make_pipe()};
    const pid_t parent = ::getpid();

    const SignalsHeld held;
    Ended ended;
    std::optional<ProcessWatch> watch;
    if (watched == Watched::yes) watch.emplace();
    const auto begin = Clock::now();
    const pid_t pid = ::fork();
    if (pid < 0) fail("cannot start a command");
    if (pid == 0) become(pointers, streams, parent);
    ::setpgid(pid, pid); // in both processes, because either may be first; EACCES after exec
    Child child(pid, held.waiting(), deadline, watch ? &*watch : nullptr);
    if (watch) watch->begin(pid);
    streams.out.write.close();
    streams.err.write.close();
    streams.trouble.write.close();

    int code = 0;
    if (::read(streams.trouble.read.number(), &code, sizeof code) == sizeof code) {
        child.wait();
        child.reap(ended);
        fail("cannot start a command", code);
    }
    child.read(streams.out.read, streams.err.read, ended, errors);
    child.wait();
    ended.wall_s = std::chrono::duration<double>(Clock::now() - begin).count();
    if (watch) watch->end();
    child.reap(ended);
    if (watch) ended.activity = watch->activity(ended.cpu_s);
    return ended;
}

std::string this_program() {
    static constexpr const char* file = "/proc/self/exe";
    if (::access(file, X_OK) == 0) return file;
    // Without /proc: the path with which it was started.
    return std::filesystem::absolute(reinterpret_cast<const char*>(::getauxval(AT_EXECFN)))
        .string();
}

std::string path_of_this_program() {
    const std::string program = this_program();
    std::error_code ignored; // a path that is not a link is the file itself
    const std::filesystem::path target = std::filesystem::read_symlink(program, ignored);
    return target.empty() ? program : target.string();
}

} // namespace mpworkshop::sys
