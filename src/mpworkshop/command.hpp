#pragma once

#include <functional>
#include <vector>

#include "mpworkshop/exercise.hpp"

namespace mpworkshop {

/// One use of a tool, before it starts.
struct CommandPlan {
    std::vector<input::Option> options;
    /// Does it and returns the exit code: 0 done, 1 not as it should be. It writes what --json asks
    /// for by itself. Errors: UsageError, any other that main() explains.
    std::function<int(const Run::Settings&)> run;
};

/// A subcommand around the exercises: it compares them, explains them, shows them.
struct Command {
    const char* name;    ///< the subcommand
    const char* summary; ///< one line, for the list
    const char* about;   ///< some sentences, for --help
    const char* example; ///< a command to try, without the program's name
    CommandPlan (*plan)();
};

} // namespace mpworkshop
