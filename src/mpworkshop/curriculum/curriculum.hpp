#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/curriculum/progress.hpp"
#include "mpworkshop/kit/command.hpp"

/// The way through the exercises: what has been run, and what comes next.
namespace mpworkshop::curriculum {

/// The record of earlier runs.
struct History {
    std::string path; ///< the file that holds it; empty where there can be none
    /// When each subcommand last ran to its end.
    std::map<std::string, progress::Time, std::less<>> last = {};
    std::string problem =
        {}; ///< one sentence if not all could be read, or there is no place for it

    std::optional<progress::Time> last_run(std::string_view name) const;
};

/// Reads it. Throws nothing for a malformed file: see `problem`.
History history();

/// Reports a problem, if there is one, in one line on standard error.
void tell_problem(const History& history, const Run::Settings& settings);

/// The first exercise or demonstration in the order of the story that has not run here; null after
/// the last.
const Command* next(const History& history);

/// The command to try after the subcommand `name`, without the program's name: the next one on the
/// way through all exercises, demonstrations and tools. Empty after the last.
std::string after(std::string_view name);

/// The same for a tool that knows the record: the first exercise that has not been run, if there is
/// one.
std::string after(std::string_view name, const History& history);

/// The names of all lessons, in the order of the story.
std::vector<std::string> lesson_names();

/// The lesson with that name. Errors: UsageError, which names the subcommand.
const Command& find(std::string_view asker, std::string_view name);

/// Now, in whole seconds.
progress::Time now();

} // namespace mpworkshop::curriculum
