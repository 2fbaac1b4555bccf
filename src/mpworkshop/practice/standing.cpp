#include "mpworkshop/practice/standing.hpp"

#include <fmt/format.h>

#include "mpworkshop/record/record.hpp"

namespace mpworkshop::practice {
namespace {

constexpr unsigned most_hints = 3;

const char* word_of(Standing standing) {
    switch (standing) {
    case Standing::untouched:
        break;
    case Standing::started:
        return "started";
    case Standing::right:
        return "right";
    case Standing::done:
        return "done";
    }
    return "untouched";
}

/// The name of its line in the record: "practice-map-done".
std::string key(const Task& task, std::string_view what) {
    return fmt::format("practice-{}-{}", task.name, what);
}

std::string hint_key(const Task& task, unsigned number) {
    return key(task, fmt::format("hint{}", number));
}

/// Whether the exercise ran that explains what the task takes.
bool is_prepared(const Task& task, const curriculum::History& history) {
    const std::string exercise = task.name == "pi" ? "pi-parallel" : task.name;
    for (const Command* lesson : lessons())
        if (lesson->name == exercise) return history.last_run(exercise).has_value();
    return curriculum::next(history) == nullptr;
}

} // namespace

const char* words_for(Standing standing, const Task& task) {
    if (standing != Standing::right) return word_of(standing);
    if (task.looks_at(Aspect::parallel)) return "right but not parallel";
    if (task.looks_at(Aspect::overlap)) return "right but no overlap";
    return task.looks_at(Aspect::not_slower) ? "right but slower" : "right but not clean";
}

Standing standing_of(const Task& task, const curriculum::History& history) {
    for (const Standing each : {Standing::done, Standing::right, Standing::started})
        if (history.last_run(key(task, word_of(each)))) return each;
    return Standing::untouched;
}

void note(const Task& task, Standing standing, const Run::Settings& settings) {
    record::append({.name = key(task, word_of(standing)), .kind = "practice"}, settings);
}

void forget(const Task& task) {
    std::vector<std::string> keys;
    for (const Standing each : {Standing::started, Standing::right, Standing::done})
        keys.push_back(key(task, word_of(each)));
    for (unsigned number = 1; number <= most_hints; ++number)
        keys.push_back(hint_key(task, number));
    record::forget(keys);
}

unsigned hints_shown(const Task& task, const curriculum::History& history) {
    for (unsigned number = most_hints; number > 0; --number)
        if (history.last_run(hint_key(task, number))) return number;
    return 0;
}

void note_hint(const Task& task, unsigned number, const Run::Settings& settings) {
    record::append({.name = hint_key(task, number), .kind = "practice"}, settings);
}

const Task* task_to_suggest(const curriculum::History& history) {
    for (const Task& task : tasks())
        if (standing_of(task, history) != Standing::done && is_prepared(task, history))
            return &task;
    return nullptr;
}

const Task* next_task(const curriculum::History& history) {
    for (const Task& task : tasks())
        if (standing_of(task, history) != Standing::done) return &task;
    return nullptr;
}

} // namespace mpworkshop::practice
