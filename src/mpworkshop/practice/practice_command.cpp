#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/practice/commands.hpp"
#include "mpworkshop/practice/options.hpp"
#include "mpworkshop/practice/standing.hpp"
#include "mpworkshop/practice/task_list.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::practice {
namespace {

using Json = nlohmann::ordered_json;

struct PracticeOptions {
    TaskChoice task;
    bool reset = false;

    std::vector<input::Option> options();
};

int list_tasks(const Run::Settings& settings) {
    const curriculum::History history = curriculum::history();
    const std::size_t width = sys::text_width(sys::output_terminal());
    if (settings.json) {
        const Json document = {{"schema", "mpworkshop-practice-1"},
                               {"tasks", Json::parse(tasks_as_json(history))}};
        fmt::print("{}\n", document.dump(2));
    } else {
        fmt::print("{}", rows_of_tasks(history, width));
        const Task* next = next_task(history);
        if (!settings.quiet)
            fmt::print("\n{}", next != nullptr ? example("Next: ", "practice " + next->name)
                                               : text::paragraph("All tasks are done.", width));
    }
    curriculum::tell_problem(history, settings);
    return 0;
}

int write_one(const PracticeOptions& o, const Run::Settings& settings) {
    const Task& task = find_task("practice", o.task.name);
    const Workspace workspace = workspace_of(task, o.task.language(), o.task.folder);
    const std::string before = o.reset ? set_aside(workspace) : "";
    const Written written = write_task(task, workspace);
    if (o.reset) forget(task);
    note(task, Standing::started, settings);
    if (settings.json) {
        const Json document = {{"schema", "mpworkshop-practice-file-1"},
                               {"task", task.name},
                               {"file", workspace.path()},
                               {"written", written == Written::all},
                               {"set_aside", before.empty() ? Json() : Json(before)}};
        fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
        return 0;
    }
    if (!before.empty()) fmt::print("{} is now {}\n", workspace.path(), before);
    fmt::print("{}\n", workspace.path());
    if (settings.quiet) return 0;
    const std::size_t width = sys::text_width(sys::output_terminal());
    const char* words = written == Written::all
                            ? "Open it in an editor: a comment says what to change."
                            : "It was there already and is as it was; --reset begins again.";
    fmt::print(
        "{}{}", text::paragraph(words, width),
        example("Next: ", "check " + task.name + options_of(o.task.language(), o.task.folder)));
    return 0;
}

int run_practice(const PracticeOptions& o, const Run::Settings& settings) {
    return o.task.name.empty() ? list_tasks(settings) : write_one(o, settings);
}

std::vector<input::Option> PracticeOptions::options() {
    input::Option name = task_option(task);
    name.otherwise = "lists all tasks";
    std::vector<input::Option> all = {
        name, python_option("the task in Python", task), folder_option(task),
        input::flag("--reset", "renames your file, and writes the original again", reset)};
    for (std::size_t i = 1; i < all.size(); ++i) {
        all[i].useful = [this] { return !task.name.empty(); };
        all[i].useful_with = "NAME";
    }
    return all;
}

} // namespace

const Command practice = {
    .kind = Kind::helper,
    .name = "practice",
    .summary = "tasks: small programs for you to change",
    .about = "Without NAME it lists the tasks, and how far you are with each. With NAME it writes "
             "one: a small program to change, the files that it uses, and a README. A comment says "
             "what to change. It overwrites nothing.",
    .example = "practice map",
    .plan = [] { return planned(run_practice); },
};

} // namespace mpworkshop::practice
