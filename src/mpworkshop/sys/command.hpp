#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/sys/process_activity.hpp"

namespace mpworkshop::sys {

/// A command that has ended.
struct Ended {
    int status = 0;         ///< the exit code, or -N for an end by signal N
    double wall_s = 0;      ///< from just before it was started until it was reaped
    double cpu_s = 0;       ///< user and system, with all its children that it reaped
    bool suspended = false; ///< this process was stopped meanwhile, so wall_s is too long
    std::string out = {};
    std::string err = {};
    std::optional<Activity> activity = {}; ///< what it and its descendants did, if it was watched
};

/// Whether ProcessWatch follows a command.
enum class Watched { no, yes };

/// A command that did not end in time and was ended.
struct CommandTimeout : std::runtime_error {
    CommandTimeout() : std::runtime_error("the command did not end in time") {}
};

/// Runs a program, found in PATH unless its name has a slash, with `input` on its standard input.
/// It is a separate process group, with no signal blocked and none ignored except those that the
/// caller of this program wants ignored. It gets SIGTERM when this process dies. Ctrl-Z stops it
/// together with this process; so does SIGSTOP, if it runs for longer than a moment; SIGCONT
/// continues both. Blocks until it, and every process that holds its output open, has ended.
/// Errors: std::system_error if it cannot be started, with the errno of the first failed call
/// (ENOENT: no such program); mp::Interrupted; CommandTimeout if it still runs at `deadline` and
/// was not suspended. The last two are thrown after the whole group has been ended and reaped:
/// SIGTERM, two seconds, SIGKILL. Thread-safety: only the main thread, whose signals it handles.
/// `errors` receives its standard error piece by piece.
Ended run_command(
    const std::vector<std::string>& words, std::string_view input = {},
    const std::function<void(std::string_view)>& errors = {},
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max(),
    Watched watched = Watched::no);

/// A path from which this program can be run, even if its file has been moved.
std::string this_program();
/// The file of this program, for another program to start.
std::string path_of_this_program();

} // namespace mpworkshop::sys
