#include "support/command.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace support {
namespace {

constexpr int patience_ms = 50'000; // less than ctest's limit

void check(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string("the test cannot ") + what);
}

int count(std::string_view whole, std::string_view part) {
    int found = 0;
    for (std::size_t at = whole.find(part); at != std::string_view::npos;
         at = whole.find(part, at + part.size()))
        ++found;
    return found;
}

void close_if_open(int& descriptor) {
    if (descriptor >= 0) ::close(descriptor);
    descriptor = -1;
}

struct Pipe {
    int read = -1;
    int write = -1;
};

Pipe make_pipe() {
    int ends[2];
    check(::pipe2(ends, O_CLOEXEC) == 0, "make a pipe");
    return {ends[0], ends[1]};
}

Pipe make_terminal(unsigned columns) {
    const int ours = ::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    check(ours >= 0 && ::grantpt(ours) == 0 && ::unlockpt(ours) == 0, "make a terminal");
    const int theirs = ::open(::ptsname(ours), O_RDWR | O_NOCTTY | O_CLOEXEC);
    const winsize size = {24, static_cast<unsigned short>(columns), 0, 0};
    check(theirs >= 0 && ::ioctl(theirs, TIOCSWINSZ, &size) == 0, "open a terminal");
    return {ours, theirs};
}

int file_with(const std::string& text) {
    std::FILE* file = std::tmpfile();
    check(file != nullptr, "make a file");
    std::fwrite(text.data(), 1, text.size(), file);
    std::fflush(file);
    const int descriptor = ::fcntl(::fileno(file), F_DUPFD_CLOEXEC, 3);
    std::fclose(file);
    ::lseek(descriptor, 0, SEEK_SET);
    return descriptor;
}

/// Returns false at the end of the stream.
bool append_from(int descriptor, std::string& text) {
    char buffer[1 << 16];
    const ssize_t got = ::read(descriptor, buffer, sizeof buffer);
    if (got > 0) text.append(buffer, static_cast<std::size_t>(got));
    return got > 0; // a terminal ends with EIO
}

} // namespace

RunningProgram::RunningProgram(const std::vector<std::string>& arguments, CommandOptions options) {
    std::vector<char*> words = {const_cast<char*>(options.typed)};
    for (const std::string& argument : arguments)
        words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);

    Pipe in = options.keyboard ? make_pipe() : Pipe{file_with(options.input), -1};
    const Pipe out = options.screen > 0 ? make_terminal(options.screen) : make_pipe();
    const Pipe err = options.terminal > 0 ? make_terminal(options.terminal) : make_pipe();
    pid_ = ::fork();
    check(pid_ >= 0, "fork");
    if (pid_ == 0) {
        ::setenv("XDG_STATE_HOME", state_.path().c_str(), 1);
        for (std::string& variable : options.environment) ::putenv(variable.data());
        // Whichever program started this test.
        for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
            std::signal(signal, signal == options.ignored_signal ? SIG_IGN : SIG_DFL);
        ::dup2(in.read, STDIN_FILENO);
        ::dup2(options.output != nullptr ? ::open(options.output, O_WRONLY | O_CLOEXEC) : out.write,
               STDOUT_FILENO);
        ::dup2(err.write, STDERR_FILENO);
        if (options.own_group) ::setpgid(0, 0);
        if (options.before) options.before();
        ::execv(options.program.empty() ? MPWORKSHOP_BINARY : options.program.c_str(),
                words.data());
        ::_exit(127);
    }
    if (options.own_group) ::setpgid(pid_, pid_); // in both processes, because either may be first
    ::close(in.read);
    ::close(out.write);
    ::close(err.write);
    keyboard_ = in.write;
    out_ = out.read;
    err_ = err.read;
}

RunningProgram::~RunningProgram() {
    if (pid_ > 0) {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }
    for (int* descriptor : {&out_, &err_, &keyboard_}) close_if_open(*descriptor);
}

bool RunningProgram::read_some() {
    pollfd streams[] = {{out_, POLLIN, 0}, {err_, POLLIN, 0}}; // poll ignores -1
    if (out_ < 0 && err_ < 0) return false;
    const int ready = ::poll(streams, 2, patience_ms);
    if (ready == 0)
        throw std::runtime_error("mpworkshop: nothing came for long, or a worker was left behind");
    if (streams[0].revents != 0 && !append_from(out_, result_.out)) close_if_open(out_);
    if (streams[1].revents != 0 && !append_from(err_, result_.err)) close_if_open(err_);
    return true;
}

void RunningProgram::wait_for(std::string_view text, int times) {
    while (count(result_.out, text) < times && count(result_.err, text) < times)
        if (!read_some())
            throw std::runtime_error("mpworkshop ended without: " + std::string(text));
}

void RunningProgram::send(int signal) { ::kill(pid_, signal); }

void RunningProgram::send_to_group(int signal) { ::kill(-pid_, signal); }

void RunningProgram::close_output() { close_if_open(out_); }

CommandResult RunningProgram::finish() {
    while (read_some()) {
    }
    int status = 0;
    check(::waitpid(pid_, &status, 0) == pid_, "wait");
    pid_ = -1;
    result_.status = WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    return result_;
}

testing::AssertionResult has(const std::string& text, std::string_view part) {
    if (text.find(part) != std::string::npos) return testing::AssertionSuccess();
    return testing::AssertionFailure() << "there is no \"" << part << "\" in \"" << text << "\"";
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
}

CommandResult run(const std::vector<std::string>& arguments, CommandOptions options) {
    return RunningProgram(arguments, std::move(options)).finish();
}

void expect_refused(const std::vector<std::string>& arguments, const char* complaint, int status) {
    const auto result = run(arguments);
    EXPECT_EQ(result.status, status) << complaint;
    EXPECT_EQ(result.out, "") << complaint;
    EXPECT_TRUE(has(result.err, complaint));
    EXPECT_EQ(result.err.rfind("mpworkshop: error: ", 0), 0U) << result.err;
    EXPECT_EQ(result.err.find('\n'), result.err.size() - 1) << result.err;
}

double cpu_seconds_of(pid_t pid) {
    clockid_t clock = {};
    timespec used = {};
    check(::clock_getcpuclockid(pid, &clock) == 0 && ::clock_gettime(clock, &used) == 0,
          "see that process");
    return double(used.tv_sec) + double(used.tv_nsec) * 1e-9;
}

void wait_until_busy(pid_t pid, double cpu_seconds) {
    while (cpu_seconds_of(pid) < cpu_seconds) ::sched_yield();
}

void wait_until_catches(pid_t pid, int signal) {
    const std::string status = "/proc/" + std::to_string(pid) + "/status";
    for (;; ::sched_yield()) {
        std::ifstream file(status);
        check(file.is_open(), "see that process");
        for (std::string line; std::getline(file, line);)
            if (line.starts_with("SigCgt:") &&
                (std::stoull(line.substr(7), nullptr, 16) >> (signal - 1) & 1) != 0)
                return;
    }
}

} // namespace support
