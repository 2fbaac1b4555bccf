#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "mpworkshop/input/error.hpp"
#include "mpworkshop/practice/commands.hpp"
#include "mpworkshop/practice/options.hpp"
#include "mpworkshop/practice/standing.hpp"
#include "mpworkshop/sys/question.hpp"

namespace mpworkshop::practice {
namespace {

using Json = nlohmann::ordered_json;

struct SolutionOptions {
    TaskChoice task;
    bool yes = false;

    std::vector<input::Option> options();
};

/// Whether it may be shown. Errors: UsageError if there is no terminal to ask on.
bool is_wanted(const Task& task, const SolutionOptions& o) {
    if (o.yes || standing_of(task, curriculum::history()) == Standing::done) return true;
    const std::optional<std::string> answer =
        sys::ask(fmt::format("The task {} is not done yet. Show a solution? [y/N] ", task.name));
    if (!answer)
        throw UsageError("solution: the task is not done, and there is no terminal to ask on; add "
                         "--yes to see a solution");
    return answer->starts_with('y') || answer->starts_with('Y');
}

int run_solution(const SolutionOptions& o, const Run::Settings& settings) {
    const Task& task = find_task("solution", o.task.name);
    const Language language = likely_language(task, o.task);
    const std::string_view text = task.text(std::string("solution") + suffix_of(language));
    if (text.empty())
        throw UsageError(
            fmt::format("solution: the task {} has none, as it is your own; hint {} may help",
                        task.name, task.name));
    if (!is_wanted(task, o)) return 0;
    if (settings.json) {
        const Json document = {{"schema", "mpworkshop-solution-1"},
                               {"task", task.name},
                               {"language", name_of(language)},
                               {"text", text}};
        fmt::print("{}\n", document.dump(2));
    } else {
        fmt::print("{}", text);
    }
    return 0;
}

std::vector<input::Option> SolutionOptions::options() {
    return {task_option(task), python_option("in Python", task), folder_option(task),
            input::flag("--yes", "does not ask, even if the task is not done", yes)};
}

} // namespace

const Command solution = {
    .kind = Kind::helper,
    .name = "solution",
    .summary = "a solution of a task",
    .about = "Prints one solution; there are others. It asks first while the task is not done.",
    .example = "solution map",
    .plan = [] { return planned(run_solution); },
};

} // namespace mpworkshop::practice
