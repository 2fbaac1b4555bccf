#pragma once

#include <string_view>

#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/practice/task.hpp"

/// How far a learner has come with each task; kept in the record.
namespace mpworkshop::practice {

enum class Standing { untouched, started, right, done };

/// "untouched", "started", "right but not parallel" or what else the task is about, "done".
const char* words_for(Standing standing, const Task& task);

Standing standing_of(const Task& task, const curriculum::History& history);

/// Records that the task has come this far. Errors: none; see record::append().
void note(const Task& task, Standing standing, const Run::Settings& settings);

/// Forgets how far the task has come, and its hints. Errors: std::runtime_error naming the file.
void forget(const Task& task);

/// How many hints have been shown; and that one more was.
unsigned hints_shown(const Task& task, const curriculum::History& history);
void note_hint(const Task& task, unsigned number, const Run::Settings& settings);

/// The first task that is not done and whose exercise ran here, or all exercises where it has none;
/// null if there is no such task.
const Task* task_to_suggest(const curriculum::History& history);

/// The first task that is not done; null after the last.
const Task* next_task(const curriculum::History& history);

} // namespace mpworkshop::practice
