#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>
#include <unistd.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "support/folder.hpp"

namespace support {

/// A user who runs only what this test starts: a limit of processes counts all of a user's, and
/// tests run concurrently. REQUIRES: called in the test's own process.
inline uid_t user_of_this_test() { return 50'000 + static_cast<uid_t>(::getpid()) % 10'000; }

struct CommandOptions {
    std::string input = {}; ///< the text on its standard input
    /// "NAME=value", or "NAME" to remove it; added to the environment of this process.
    /// XDG_STATE_HOME is a separate folder, removed with the RunningProgram.
    std::vector<std::string> environment = {};
    const char* typed = "mpworkshop"; ///< what the caller wrote to start it
    std::string program = {};         ///< a copy of it, in another folder
    bool keyboard = false;            ///< standard input stays open and silent instead
    unsigned screen = 0;    ///< if not 0, standard output is a terminal with this many columns
    unsigned terminal = 0;  ///< if not 0, standard error is a terminal with this many columns
    int ignored_signal = 0; ///< a signal that the caller ignores, as a shell does for `command &`
    const char* output = nullptr; ///< a file for standard output, such as /dev/full
    std::function<void()> before =
        {};                 ///< called last in the new process; must use no handlers and no locks
    bool own_group = false; ///< in its own process group, like a shell's job
};

struct CommandResult {
    int status = 0; ///< its exit code, or -N if signal N ended it
    std::string out;
    std::string err;
};

/// `mpworkshop` with these arguments, started as by a shell. Errors: std::runtime_error from every
/// call when nothing has happened for a long time.
class RunningProgram {
public:
    explicit RunningProgram(const std::vector<std::string>& arguments, CommandOptions options = {});
    ~RunningProgram();
    RunningProgram(const RunningProgram&) = delete;
    RunningProgram& operator=(const RunningProgram&) = delete;

    pid_t pid() const { return pid_; }
    /// Blocks until `text` has appeared `times` times on its standard output or error.
    void wait_for(std::string_view text, int times = 1);
    /// The output so far.
    const CommandResult& so_far() const { return result_; }
    void send(int signal);
    /// Sends it to the program and its workers, as a terminal does; with own_group.
    void send_to_group(int signal);
    /// Stops reading its standard output, as `head` does.
    void close_output();
    /// Blocks until it has ended, and with it every process that it started: they keep its standard
    /// error open.
    CommandResult finish();

private:
    bool read_some();

    Folder state_;
    pid_t pid_ = -1;
    int out_ = -1;
    int err_ = -1;
    int keyboard_ = -1;
    CommandResult result_;
};

/// Returns whether `text` contains `part`; if not, the message shows both.
testing::AssertionResult has(const std::string& text, std::string_view part);

std::vector<std::string> lines_of(const std::string& text);

CommandResult run(const std::vector<std::string>& arguments, CommandOptions options = {});

/// Expects the command to fail with this status and one line on standard error that contains
/// `complaint`.
void expect_refused(const std::vector<std::string>& arguments, const char* complaint, int status);

/// The CPU time that the process `pid` has used.
double cpu_seconds_of(pid_t pid);
/// Blocks until the process `pid` has used this much CPU time.
void wait_until_busy(pid_t pid, double cpu_seconds);
/// Blocks until the process `pid` has a handler for this signal.
void wait_until_catches(pid_t pid, int signal);

} // namespace support
