#pragma once

#include <gtest/gtest.h>
#include <sys/types.h>

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "support/folder.hpp"

namespace support {

struct CommandOptions {
    std::string input = {}; ///< what is on its standard input
    /// "NAME=value" or, to take it away, "NAME"; beyond what this process has, and a folder of its
    /// own as XDG_STATE_HOME, which is gone with the RunningProgram.
    std::vector<std::string> environment = {};
    const char* typed = "mpworkshop"; ///< what the caller wrote to start it
    bool keyboard = false;            ///< standard input stays open and silent instead
    unsigned screen = 0;              ///< columns of a terminal that standard output is; 0: none
    unsigned terminal = 0;            ///< columns of a terminal that standard error is; 0: none
    int ignored_signal = 0;       ///< one that the caller ignores, as a shell does for `command &`
    const char* output = nullptr; ///< a file that standard output goes to, such as /dev/full
    std::function<void()> before = {}; ///< called in the new process, last; no handlers, no locks
    bool own_group = false;            ///< its own process group, as a shell's job has
};

struct CommandResult {
    int status = 0; ///< the exit code, or -N for an end by signal N
    std::string out;
    std::string err;
};

/// `mpworkshop` with these arguments, as a shell would start it.
/// Errors: std::runtime_error from every call, when nothing has happened for long.
class RunningProgram {
public:
    explicit RunningProgram(const std::vector<std::string>& arguments, CommandOptions options = {});
    ~RunningProgram();
    RunningProgram(const RunningProgram&) = delete;
    RunningProgram& operator=(const RunningProgram&) = delete;

    pid_t pid() const { return pid_; }
    /// Blocks until `text` has come on its standard output or error.
    void wait_for(std::string_view text);
    /// What has come so far.
    const CommandResult& so_far() const { return result_; }
    void send(int signal);
    /// To it and its workers, as a terminal does; with own_group.
    void send_to_group(int signal);
    /// Stops reading its standard output, as `head` does.
    void close_output();
    /// Blocks until it has ended, and with it every process that it started: they hold its standard
    /// error.
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

/// Whether `text` has `part` in it; if not, the message shows both.
testing::AssertionResult has(const std::string& text, std::string_view part);

std::vector<std::string> lines_of(const std::string& text);

CommandResult run(const std::vector<std::string>& arguments, CommandOptions options = {});

/// The command is refused with this status and one line on standard error that has `complaint`.
void expect_refused(const std::vector<std::string>& arguments, const char* complaint, int status);

/// Blocks until the process `pid` has computed for so long.
void wait_until_busy(pid_t pid, double cpu_seconds);

} // namespace support
