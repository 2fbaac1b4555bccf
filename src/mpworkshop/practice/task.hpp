#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// Practice: the learner changes a small program, and the program checks it.
namespace mpworkshop::practice {

enum class Language { cpp, python };

/// "C++" or "Python".
const char* name_of(Language language);
/// ".cpp" or ".py".
const char* suffix_of(Language language);

/// What `check` can look at, in this order.
enum class Aspect { builds, right, parallel, overlap, faster, not_slower, clean };

/// What the right output is.
enum class Expected {
    start,           ///< that of the program that the learner began with
    count,           ///< "counted N", N being the product of the arguments
    different_lines, ///< lines of one form, no two equal, the same ones in every run
    own_serial,      ///< that of the learner's program with the argument `serial`
};

/// One set of arguments.
struct Input {
    std::string what; ///< for people: "a prime number"
    std::vector<std::string> arguments;
};

/// A usual mistake: how its source code looks, and what to say of it.
struct Trap {
    Aspect aspect;                      ///< it is why this one is not as it should be
    std::array<std::string, 2> pattern; ///< regular expressions, by Language; empty: not there
    std::string unless;                 ///< none of it where this is in the source code
    std::string only_with;              ///< nor where this is not
    std::string says;                   ///< "{line}" stands for the line of the pattern's end
};

using Arguments = std::array<std::vector<std::string>, 2>; ///< by Language

/// One task, as its task.json has it.
struct Task {
    std::string name;    ///< "threads-io"
    std::string summary; ///< for lists
    unsigned minutes = 0;
    std::string folder;                            ///< "exercises/threads_io/practice"
    std::array<std::vector<std::string>, 2> files; ///< supplied to the program, by Language
    std::vector<Aspect> aspects;
    Expected expected = Expected::start;
    std::string line; ///< of Expected::different_lines: a regular expression with {number}
    std::vector<Input> inputs;
    Arguments timed;    ///< of the run that is timed
    Arguments more;     ///< of one with about three times the work; empty: there is none
    Arguments against;  ///< of the run that it is compared with; empty: the same
    double waits_s = 0; ///< what all waits of the timed run take one after the other
    double deadline_s = 20;
    std::vector<Trap> traps;

    bool looks_at(Aspect aspect) const;
    /// The text of one of its files, as embedded: "start.cpp". Empty if there is none.
    std::string_view text(std::string_view file) const;
    /// The learner's file: "threads-io.cpp".
    std::string file_name(Language language) const;
};

/// All of them, in the order in which they are best done.
std::span<const Task> tasks();

std::vector<std::string> task_names();

/// Errors: UsageError, in the name of the subcommand that asks.
const Task& find_task(std::string_view asker, std::string_view name);

} // namespace mpworkshop::practice
