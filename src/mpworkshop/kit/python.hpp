#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"

/// The Python program of a lesson, its twin: the same functions, with the same
/// names of timings.
namespace mpworkshop::kit {

/// A run of a twin.
struct TwinRun {
    std::string lesson;          ///< "pi_serial": its file without ".py"
    std::string only = {};       ///< one way of several: "loop", "pool", "threads"; empty: all
    unsigned workers = 1;        ///< of the pool
    std::uint64_t chunksize = 0; ///< 0: Python chooses
    std::uint64_t size = 0;      ///< steps or tasks
    double seconds = 0;          ///< that a task waits
};

struct TwinFound {
    std::vector<double> result;
    std::vector<Timing> timings;
};

/// The command that runs it; it prints one JSON document with "timings" and
/// "result".
std::vector<std::string> twin_command(const TwinRun& twin);

/// Runs it in python3, with these inputs; `say` gets the lines that it prints,
/// as they arrive. Errors: std::runtime_error if there is no python3, or if it
/// fails; mp::Interrupted.
TwinFound run_twin(const TwinRun& twin, const std::vector<double>& inputs = {},
                   const std::function<void(std::string_view)>& say = {});

/// The same for `run`, to whose timings it adds those of the twin and, as
/// "python", the start and the end of the interpreter. Returns the result.
std::vector<double> run_twin(Run& run, const TwinRun& twin, const std::vector<double>& inputs = {});

/// Which of an exercise's ways to run.
struct Way {
    std::string only = {}; ///< one of several; empty: all
    bool python = false;

    bool goes(std::string_view name) const { return only.empty() || only == name; }
    /// " in Python", or nothing.
    const char* language() const { return python ? " in Python" : ""; }
};

/// The twin of an exercise with a pool.
TwinRun twin(std::string lesson, const Way& way, const input::PoolChoice& pool);

/// --python, added to an exercise's own options.
std::vector<input::Option> with_python(std::vector<input::Option> options, Way& way);
/// --only, one of `names`, and --python.
std::vector<input::Option> with_ways(std::vector<input::Option> options, Way& way,
                                     std::vector<std::string> names);

} // namespace mpworkshop::kit
