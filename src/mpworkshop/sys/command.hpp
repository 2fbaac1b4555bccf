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
    std::optional<Activity> activity = {}; ///< what it and its descendants did; if it was watched
};

/// Whether ProcessWatch follows a command.
enum class Watched { no, yes };

/// A command that was ended because it had not ended in time.
struct CommandTimeout : std::runtime_error {
    CommandTimeout() : std::runtime_error("the command did not end in time") {}
};

/// Runs a program, found in PATH unless its name has a slash, with `input` on its standard input.
/// It is a process group of its own, has no signal blocked and none ignored but what the caller of
/// this program wants ignored, and is asked to end (SIGTERM) when this process dies. Ctrl-Z stops
/// it with this process, and so does SIGSTOP where it runs for longer than a moment; SIGCONT
/// continues both.
/// Blocks: until it and whoever else has its output open have ended. Errors: std::system_error
/// where it cannot be started, with the errno of the first call that failed, ENOENT for a program
/// that is not there; mp::Interrupted, and CommandTimeout if it still runs at `deadline` and was
/// not suspended, both after the whole group has been ended and reaped: SIGTERM, two seconds,
/// SIGKILL. Thread-safety: the main thread only, whose signals it takes. `errors` gets what it
/// writes to standard error, piece by piece, as it comes.
Ended run_command(
    const std::vector<std::string>& words, std::string_view input = {},
    const std::function<void(std::string_view)>& errors = {},
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max(),
    Watched watched = Watched::no);

/// Where this very program can be run from, also when its file has been moved.
std::string this_program();
/// The file of this program, for another to start it.
std::string path_of_this_program();

} // namespace mpworkshop::sys
