#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "mpworkshop/input/number.hpp"
#include "mpworkshop/input/value.hpp"

namespace mpworkshop::input {

/// How a shell can complete the value of an option.
enum class Completion { nothing, words, file, folder };

/// One choice on the command line, described once: its name, how it is read, its value.
struct Option {
    std::string name = {}; ///< "-p,--processes", or "STEPS" for a positional
    /// The name of its value in the help: "N"; "[X]" for an optional number, read as an empty word
    /// if it is left out. Empty for a positional.
    std::string takes = {};
    std::string help = {}; ///< one line, without the default
    /// The default in words; empty: value() is shown.
    std::string otherwise = {};
    bool many = false; ///< a positional that may be repeated
    bool rest = false; ///< a positional that takes all words from its first one on, unchanged
    bool flag = false; ///< takes no value
    /// Reads the words that were given. Errors: UsageError.
    std::function<void(const std::vector<std::string>&)> read = {};
    /// The value in force, for the report.
    std::function<Value()> value = {};
    /// Options that have no effect together with this one: giving both is an error.
    std::vector<std::string> instead_of = {};
    /// Called when all options have been read; returns whether this one has an effect. If not,
    /// giving it is an error. Empty: it always has one. `useful_with` names what it needs.
    std::function<bool()> useful = {};
    std::string useful_with = {};
    std::vector<std::string> offers = {}; ///< possible values: all, or the usual ones

    /// The longest name, which is shown: "--processes", "STEPS".
    std::string shown() const;
    /// The same as a word: "processes", "steps".
    std::string key() const;
    Completion completion() const;
    /// The help with the default: "how many tasks (default: 8)". Call it before read().
    std::string description() const;
};

/// The whole numbers that an option accepts.
struct Range {
    std::uint64_t least = 1;
    std::uint64_t most = largest_whole;
    const char* such_as = "50";
};

/// Reads one; `name` is its name in errors. Errors: UsageError.
std::uint64_t read_count(std::string_view name, std::string_view text, const Range& range);
double read_number(std::string_view name, std::string_view text, double least, double most,
                   const char* such_as);

/// The option with words for its default: "the CPUs you may use".
Option otherwise(Option option, std::string words);

/// The default of an option: its value, and words for it, such as "the CPUs you may use". Without
/// words, the help shows the value.
struct Unless {
    std::function<std::uint64_t()> given;
    std::string words = {};
};

// Options that write to a variable, which must live as long as the plan.
Option count(std::string name, std::string help, std::uint64_t& target, Range range = {});
/// One that is 0 unless given.
Option count(std::string name, std::string help, std::uint64_t& target, Range range, Unless unless);
Option counts(std::string name, std::string help, std::vector<std::uint64_t>& target,
              Range range = {});
Option number(std::string name, std::string help, double& target,
              double least = std::numeric_limits<double>::lowest(),
              double most = std::numeric_limits<double>::max(), const char* such_as = "32");
/// Comma-separated numbers in one word; at least one.
Option numbers(std::string name, std::string help, std::vector<double>& target,
               const char* such_as);
/// One of some words.
Option choice(std::string name, std::string help, std::string& target,
              std::vector<std::string> words);
/// Given or not, such as --plain.
Option flag(std::string name, std::string help, bool& target);
/// Any text, unchanged; a positional if the name has no dash.
Option word(std::string name, std::string takes, std::string help, std::string& target);
/// The same, as often as you like.
Option words(std::string name, std::string help, std::vector<std::string>& target);
Option file(std::string name, std::string help, std::string& target,
            std::vector<std::string> instead_of = {});
/// Two comma-separated numbers in each word; as many words as you like.
Option pairs(std::string name, std::string help, std::vector<std::pair<double, double>>& target);
/// The same for the report: [[1, 3], [5, 9]].
Value as_value(const std::vector<std::pair<double, double>>& pairs);

/// What to do with the record of what the workers did and when.
struct TraceChoice {
    std::string file;      ///< empty: none
    bool timeline = false; ///< a chart in the terminal

    bool wanted() const { return timeline || !file.empty(); }
};

/// --trace and --timeline, added to an exercise's own options.
std::vector<Option> with_trace(std::vector<Option> options, TraceChoice& choice);

/// How to make the pool of an exercise.
struct PoolChoice {
    std::uint64_t processes = 0; ///< 0: the usable CPUs
    std::string backend = "processes";
    std::string plugin = {};     ///< of the backend mpi; empty: the one beside the program
    std::uint64_t chunksize = 0; ///< 0: the pool chooses
    std::uint64_t retries = 1;   ///< for an input whose worker died; these functions are pure
    bool traced = false;         ///< the exercise itself needs Pool::trace()
    TraceChoice trace = {};

    /// Whether other ranks do the work; `processes` is then the number on each rank.
    bool over_ranks() const { return backend == "mpi"; }
    unsigned workers() const;
    /// "2 processes", "1 thread", "one worker that is this process".
    std::string describe() const;
};

/// -p, the workers.
Option workers(PoolChoice& choice);
/// --backend: one that needs no other option or, with `over_ranks`, also mpi.
Option backend(std::string& target, bool over_ranks = false);
/// -p and --backend, added to a command's own options.
std::vector<Option> with_workers(std::vector<Option> options, PoolChoice& choice);
/// The options of with_workers with mpi among the backends, --plugin, --chunksize, --retries, and
/// those of with_trace, added to an exercise's own options.
std::vector<Option> with_pool(std::vector<Option> options, PoolChoice& choice);

} // namespace mpworkshop::input
