#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/curriculum/progress.hpp"
#include "mpworkshop/kit/command.hpp"

/// The way through the exercises: what ran here, and what stands next.
namespace mpworkshop::curriculum {

/// What is known of earlier runs.
struct History {
    std::string path;         ///< the file that holds it; empty where there can be none
    std::string text = {};    ///< what is in it
    std::string problem = {}; ///< one sentence if it could not be read, or there is no place for it

    std::optional<progress::Time> last_run(std::string_view name) const;
};

/// Reads it. Throws nothing for a file that is not as it should be: see `problem`.
History history();

/// Says what is wrong with it, if anything is, in one line on standard error.
void tell_problem(const History& history, const Run::Settings& settings);

/// Remembers that `name` ran to its end, for `list` and `next`. Where the file cannot be written,
/// one line on standard error says so, none with --quiet or where no folder could be: nothing else
/// comes of it.
void note(std::string_view name, const Run::Settings& settings);

/// The first exercise or demonstration in the order of the story that has not run here; null after
/// the last.
const Command* next(const History& history);

/// The command to try after the subcommand `name`, without the program's name: the next one on the
/// way that leads through all exercises, demonstrations and tools once. Empty after the last.
std::string after(std::string_view name);

/// The same for a tool that knows what ran here: the first exercise that has not, if there is one.
std::string after(std::string_view name, const History& history);

/// The names of all lessons, in the order of the story.
std::vector<std::string> lesson_names();

/// The lesson of that name. Errors: UsageError, in the name of the subcommand that asks.
const Command& find(std::string_view asker, std::string_view name);

/// Now, in whole seconds.
progress::Time now();

} // namespace mpworkshop::curriculum
