#pragma once

#include <string>
#include <vector>

#include "mpworkshop/sys/process_watch.hpp"

namespace mpworkshop::sys {

/// A command that has ended.
struct ForegroundEnd {
    int status = 0;         ///< the exit code, or -N for an end by signal N
    bool suspended = false; ///< it was stopped meanwhile, by Ctrl-Z as a rule
    Activity activity = {};
};

/// Runs a program, found in PATH unless its name has a slash, as a shell would: in this process
/// group, with the terminal and the standard streams of this process and with the signals as this
/// process got them. This process lets go of its standard input and output. What a terminal sends
/// to the group, the command gets from there; SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGUSR1 and SIGUSR2
/// that somebody sends to this process alone are passed on.
/// Blocks: until the command itself has ended. Errors: std::system_error where it cannot be
/// started, with the errno of exec; mp::Interrupted for a signal that came before. Thread-safety:
/// the main thread only, whose signals it takes.
ForegroundEnd run_in_foreground(const std::vector<std::string>& words);

} // namespace mpworkshop::sys
