#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/benchmark/alternation.hpp"
#include "mpworkshop/sys/other_programs.hpp"

namespace mpworkshop::benchmark {

/// A whole command that is measured.
struct TimedCommand {
    std::string name = {};               ///< for people, ASCII: "pi-serial 1e9"
    std::vector<std::string> words = {}; ///< the program first
    unsigned workers = 0;                ///< 1 for a serial one, 0 where that is not known
};

/// One run of it.
struct Sample {
    double wall_s = 0; ///< the whole command
    double cpu_s = 0;  ///< with all that descend from it
    std::optional<double> work_s =
        {}; ///< the work alone, or the only part; where its report has that
    /// Ready to compute without a CPU, all threads together; where the kernel tells.
    std::optional<double> ready_s = {};
};

struct Result {
    TimedCommand command = {};
    std::vector<Sample> samples = {}; ///< in the order in which they were taken

    std::vector<double> wall() const;
    std::vector<double> cpu() const;
    std::vector<double> busy() const;  ///< CPUs kept busy: CPU over wall
    std::vector<double> work() const;  ///< of those that have it
    std::vector<double> ready() const; ///< the same
    /// Of the time that its threads wanted a CPU, the share without one; empty where not known.
    std::optional<double> ready_share() const;
    std::vector<double> rest() const; ///< the whole without the work
};

/// A run of an exercise as it would be typed after `mpworkshop`, checked before anything runs;
/// `seed` is given to it unless it has one. Errors: UsageError naming it.
TimedCommand exercise_command(std::string_view typed, std::uint64_t seed);

/// Runs it once; empty if this process was stopped meanwhile, by Ctrl-Z as a rule. Errors:
/// std::runtime_error with the command and its own complaint when it fails; with nothing left
/// behind, mp::Interrupted, and sys::CommandTimeout if it has not ended at the deadline.
std::optional<Sample> run_benchmark(
    const TimedCommand& command,
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max());

/// What came of a schedule.
struct Results {
    std::vector<Result> commands = {};
    bool complete = true;      ///< false after an interrupt: then these are the samples until there
    std::string failure = {};  ///< what a run said that failed; then it is not complete either
    std::size_t suspended = 0; ///< runs during which this process was stopped, which do not count
    std::size_t rounds = 0;    ///< in which each command was measured
    bool out_of_budget = false; ///< before the least rounds were made
    /// What other programs took meanwhile; empty where that is not known.
    std::optional<sys::CpusUsed> others = {};

    /// Why the samples are not all that were wanted, for the screen: "interrupted, ..."; empty if
    /// they are.
    std::string why_partial() const;
};

/// That runs did not count, and why; empty if all did.
std::string note_of_suspensions(const Results& results);

/// That the budget was too small for an interval, and what to do; empty if it was not.
std::string note_of_budget(const Results& results, const Alternation& alternation);

/// The progress bar.
enum class Bar { shown, hidden };

/// Runs the commands by the schedule, until one of them fails; a run during which this process was
/// stopped is made again, and takes nothing from the budget. A command for which the budget had no
/// more than a warm-up has that as its sample. Errors: those of one run, while there is no sample
/// that they would cost, also that the budget ended before any; else Results::failure has it.
Results run_benchmark(const std::vector<TimedCommand>& commands, Alternation alternation, Bar bar);

/// So many steps that work of `step_s` each takes about `seconds`: one digit and zeros.
std::uint64_t steps_for(double seconds, double step_s);

/// What a step of pi-serial takes here, in seconds, by a short run.
double seconds_per_step(std::uint64_t seed);

} // namespace mpworkshop::benchmark
