#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/practice/task.hpp"

/// The folders that learners work in.
namespace mpworkshop::practice {

inline constexpr const char* usual_folder = "mpworkshop-practice";

/// A learner's program.
struct Workspace {
    std::string folder;    ///< "mpworkshop-practice/map"
    std::string file_name; ///< "map.cpp"
    Language language = Language::cpp;

    std::string path() const { return folder + "/" + file_name; }
};

/// The options that lead another subcommand there: " --python --dir 'my folder'".
std::string options_of(Language language, const std::string& folder);

/// Where the learner's file in this language is, or where it is to be written: beside what is there
/// of the task already, see find_workspace(), else below `folder`, of which the current folder can
/// be a part.
Workspace workspace_of(const Task& task, Language language, const std::string& folder);

/// The learner's file; empty if there is none. See find_workspace().
std::optional<Workspace> newest_workspace(const Task& task, std::optional<Language> language,
                                          const std::string& folder);

/// The learner's file, in `folder` or, where that is the usual one, also where it is seen from that
/// folder or from a task's own. Of two languages the one saved last, unless one is asked for.
/// Errors: UsageError, in the name of the subcommand that asks, where there is none.
Workspace find_workspace(std::string_view asker, const Task& task, std::optional<Language> language,
                         const std::string& folder);

enum class Written { all, nothing };

/// Writes the task into its workspace, with the files that it uses. What is there already stays as
/// it is; Written::nothing if that is so for the learner's file. Errors: std::runtime_error.
Written write_task(const Task& task, const Workspace& workspace);

/// Gives the learner's file another name, "map.cpp.1", which it returns; empty if there is none.
/// Errors: std::runtime_error.
std::string set_aside(const Workspace& workspace);

/// The start of the task as it was, with the files that it uses, into an empty folder.
void write_start(const Task& task, Language language, const std::string& folder);

/// Text files with invented words, of uneven sizes around `kilobytes`; the same ones each time.
void write_texts(const std::string& folder, unsigned count, unsigned kilobytes);

} // namespace mpworkshop::practice
