#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/benchmark/alternation.hpp"
#include "mpworkshop/input/value.hpp"
#include "mpworkshop/sys/other_programs.hpp"

namespace mpworkshop::benchmark {

/// A complete command to measure.
struct TimedCommand {
    std::string name = {};               ///< for people, ASCII: "pi-serial 1e9"
    std::vector<std::string> words = {}; ///< the program first
    unsigned workers = 0;                ///< 1 for a serial one, 0 if unknown
};

/// One run of it.
struct Sample {
    double wall_s = 0; ///< the whole command
    double cpu_s = 0;  ///< including all descendants
    std::optional<double> work_s =
        {}; ///< the work stage alone, or the only stage; if its report has that
    /// Ready to run without a CPU, summed over threads; if the kernel reports it.
    std::optional<double> ready_s = {};
};

struct Result {
    TimedCommand command = {};
    std::vector<Sample> samples = {}; ///< in the order in which they were taken

    std::vector<double> wall() const;
    std::vector<double> cpu() const;
    std::vector<double> busy() const;  ///< CPUs busy: CPU time over wall-clock time
    std::vector<double> work() const;  ///< for samples that have it
    std::vector<double> ready() const; ///< the same
    /// The share of the time its threads wanted a CPU and had none; empty if unknown.
    std::optional<double> ready_share() const;
    std::vector<double> rest() const; ///< the total without the work
};

/// A run of an exercise as typed after `mpworkshop`, checked before anything runs; `seed` is added
/// unless it has one. Errors: UsageError with its name.
TimedCommand exercise_command(std::string_view typed, std::uint64_t seed);

/// Whether a run as typed gives an option such as "--seconds".
bool gives_option(std::string_view typed, std::string_view option);

/// The value that an option has in a run as typed, by default or not; null if the exercise has no
/// such option. `key`: its name without dashes. Errors: those of exercise_command().
Value option_value(std::string_view typed, std::string_view key);

/// Runs it once; empty if this process was stopped meanwhile, usually by Ctrl-Z. Errors:
/// std::runtime_error with the command and its message when it fails. The following leave no
/// process behind: mp::Interrupted, and sys::CommandTimeout if it still runs at the deadline.
std::optional<Sample> run_benchmark(
    const TimedCommand& command,
    std::chrono::steady_clock::time_point deadline = std::chrono::steady_clock::time_point::max());

/// The result of a schedule.
struct Results {
    std::vector<Result> commands = {};
    bool complete = true;      ///< false after an interrupt: then these are the samples until then
    std::string failure = {};  ///< the message of a run that failed; it is then not complete either
    std::size_t suspended = 0; ///< runs during which this process was stopped; they do not count
    std::size_t rounds = 0;    ///< rounds in which each command was measured
    bool out_of_budget = false; ///< before the minimum number of rounds
    bool has_warm_ups = false;  ///< as samples of commands for which there are no others
    /// CPUs that other programs used meanwhile; empty if unknown.
    std::optional<sys::CpusUsed> others = {};

    /// Why samples are missing, for the screen: "Interrupted; ..."; empty if none are.
    std::string why_partial() const;
};

/// Says that runs did not count, and why; empty if all did.
std::string note_of_suspensions(const Results& results);

/// Says that the budget was too small for an interval, and what to do; empty if it was not.
std::string note_of_budget(const Results& results, const Alternation& alternation);

/// The progress bar.
enum class Bar { shown, hidden };

/// Runs the commands by the schedule until one of them fails. A run during which this process was
/// stopped is repeated, and does not use the budget. A command for which the budget allowed only a
/// warm-up uses that as its sample. Errors: those of one run while there is no sample yet, and when
/// the budget ended before any; otherwise Results::failure has it.
Results run_benchmark(const std::vector<TimedCommand>& commands, Alternation alternation, Bar bar);

/// The number of steps, one digit and zeros, for which work of `step_s` each takes about `seconds`.
std::uint64_t steps_for(double seconds, double step_s);

/// `seconds` rounded down to one digit, for a task that waits: at least a millisecond.
double rounded_wait_s(double seconds);

/// The time of one step of pi-serial on this machine, in seconds, from a short run.
double seconds_per_step(std::uint64_t seed);

} // namespace mpworkshop::benchmark
