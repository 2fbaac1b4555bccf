#include "mpworkshop/practice/options.hpp"

namespace mpworkshop::practice {

std::optional<Language> TaskChoice::asked_language() const {
    return python ? std::optional(Language::python) : std::nullopt;
}

Language likely_language(const Task& task, const TaskChoice& choice) {
    if (choice.python) return Language::python;
    const auto found = newest_workspace(task, {}, choice.folder);
    return found ? found->language : Language::cpp;
}

input::Option task_option(TaskChoice& choice) {
    input::Option option = input::word("NAME", "", "a task", choice.name);
    option.offers = task_names();
    return option;
}

input::Option python_option(std::string help, TaskChoice& choice) {
    return input::flag("--python", std::move(help), choice.python);
}

input::Option folder_option(TaskChoice& choice) {
    return input::word("--dir", "DIR", "the folder that contains the task folders", choice.folder);
}

} // namespace mpworkshop::practice
