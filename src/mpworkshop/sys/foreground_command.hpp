#pragma once

#include <string>
#include <vector>

#include "mpworkshop/sys/process_watch.hpp"

namespace mpworkshop::sys {

/// A command that has ended.
struct ForegroundEnd {
    int status = 0;         ///< the exit code, or -N for an end by signal N
    bool suspended = false; ///< it was stopped meanwhile, usually by Ctrl-Z
    Activity activity = {};
};

/// Runs a program, found in PATH unless its name has a slash, as a shell would: in this process
/// group, with the terminal and standard streams of this process, and with the signal settings that
/// this process inherited. This process releases its standard input and output. Signals from the
/// terminal go to the whole group, including the command. SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1
/// and SIGUSR2 sent to this process alone are passed on.
/// Blocks until the command itself has ended. Errors: std::system_error if it cannot be started,
/// with the errno of exec; mp::Interrupted for a signal that arrived earlier. Thread-safety: only
/// the main thread, whose signals it handles.
ForegroundEnd run_in_foreground(const std::vector<std::string>& words);

} // namespace mpworkshop::sys
