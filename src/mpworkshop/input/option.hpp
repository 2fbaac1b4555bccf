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

/// What a shell can complete the value of an option to.
enum class Completion { nothing, words, file, folder };

/// One thing that may be chosen on the command line, written once: its name, how it is read, what
/// it is worth.
struct Option {
    std::string name = {};  ///< "-p,--processes", or "STEPS" for a positional
    std::string takes = {}; ///< what its value is called in the help: "N"; empty for a positional
    std::string help = {};  ///< one line, without the default
    /// What is in force where it is not given, in words; empty: what value() says then.
    std::string otherwise = {};
    bool many = false; ///< a positional that may be repeated
    bool rest = false; ///< a positional that takes all words from its first one on as they stand
    bool flag = false; ///< takes no value
    /// Takes what was given, each word of it. Errors: UsageError.
    std::function<void(const std::vector<std::string>&)> read = {};
    /// What is in force, for the report.
    std::function<Value()> value = {};
    /// Other options that have no effect where this one is given: giving both is an error.
    std::vector<std::string> instead_of = {};
    /// Called when all options have been read: whether this one has an effect; if it has none,
    /// giving it is an error. Empty: it always has one. `useful_with` is what it takes.
    std::function<bool()> useful = {};
    std::string useful_with = {};
    std::vector<std::string> offers = {}; ///< words that the value can be, all or the usual ones

    /// The name that is shown, the longest: "--processes", "STEPS".
    std::string shown() const;
    /// The same as a word: "processes", "steps".
    std::string key() const;
    Completion completion() const;
    /// The help with the default: "how many tasks (default: 8)". To be asked before read() is.
    std::string description() const;
};

/// The whole numbers that an option accepts.
struct Range {
    std::uint64_t least = 1;
    std::uint64_t most = largest_whole;
    const char* such_as = "50";
};

/// Reads one; `name` is what an error calls it. Errors: UsageError.
std::uint64_t read_count(std::string_view name, std::string_view text, const Range& range);
double read_number(std::string_view name, std::string_view text, double least, double most,
                   const char* such_as);

/// The option with words for what is in force where it is not given: "the CPUs you may use".
Option otherwise(Option option, std::string words);

/// What is in force where an option is not given: its value, and words for it, such as "the CPUs
/// you may use". Without words the help shows the value.
struct Unless {
    std::function<std::uint64_t()> given;
    std::string words = {};
};

// Options that write where they are told; the target must live as long as the plan.
Option count(std::string name, std::string help, std::uint64_t& target, Range range = {});
/// One that is 0 unless it is given.
Option count(std::string name, std::string help, std::uint64_t& target, Range range, Unless unless);
Option counts(std::string name, std::string help, std::vector<std::uint64_t>& target,
              Range range = {});
Option number(std::string name, std::string help, double& target,
              double least = std::numeric_limits<double>::lowest(),
              double most = std::numeric_limits<double>::max(), const char* such_as = "32");
/// Numbers in one word, parted by commas; at least one.
Option numbers(std::string name, std::string help, std::vector<double>& target,
               const char* such_as);
/// One of some words.
Option choice(std::string name, std::string help, std::string& target,
              std::vector<std::string> words);
/// Given or not; --plain, say.
Option flag(std::string name, std::string help, bool& target);
/// Any text, as it stands; a positional where the name has no dash.
Option word(std::string name, std::string takes, std::string help, std::string& target);
/// The same, as often as wanted.
Option words(std::string name, std::string help, std::vector<std::string>& target);
Option file(std::string name, std::string help, std::string& target,
            std::vector<std::string> instead_of = {});
/// Two numbers a word, parted by a comma; as many words as wanted.
Option pairs(std::string name, std::string help, std::vector<std::pair<double, double>>& target);
/// The same for the report: [[1, 3], [5, 9]].
Value as_value(const std::vector<std::pair<double, double>>& pairs);

/// What shall be made of the record of who did what and when.
struct TraceChoice {
    std::string file;      ///< empty: none
    bool timeline = false; ///< a chart in the terminal

    bool wanted() const { return timeline || !file.empty(); }
};

/// --trace and --timeline, added to an exercise's own options.
std::vector<Option> with_trace(std::vector<Option> options, TraceChoice& choice);

/// How an exercise's pool shall be made.
struct PoolChoice {
    std::uint64_t processes = 0; ///< 0: the CPUs that may be used
    std::string backend = "processes";
    std::string plugin = {};     ///< of the backend mpi; empty: the one beside the program
    std::uint64_t chunksize = 0; ///< 0: the pool chooses
    std::uint64_t retries = 1;   ///< of an input whose worker died; these functions are pure
    bool traced = false;         ///< the exercise itself needs Pool::trace()
    TraceChoice trace = {};

    /// Whether other ranks do the work; `processes` is then how many each has for it.
    bool over_ranks() const { return backend == "mpi"; }
    unsigned workers() const;
    /// "2 processes", "1 thread", "one worker that is this process".
    std::string describe() const;
};

/// -p, the workers.
Option workers(PoolChoice& choice);
/// --backend, one of those that need nothing else, or, `over_ranks`, mpi.
Option backend(std::string& target, bool over_ranks = false);
/// -p and --backend, added to a command's own options.
std::vector<Option> with_workers(std::vector<Option> options, PoolChoice& choice);
/// Those of with_workers, mpi among the backends, with --plugin, --chunksize, --retries and those
/// of with_trace, added to an exercise's own options.
std::vector<Option> with_pool(std::vector<Option> options, PoolChoice& choice);

} // namespace mpworkshop::input
