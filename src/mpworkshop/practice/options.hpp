#pragma once

#include <string>
#include <vector>

#include "mpworkshop/input/option.hpp"
#include "mpworkshop/practice/workspace.hpp"

namespace mpworkshop::practice {

/// NAME, --python and --dir, which the subcommands have in common.
struct TaskChoice {
    std::string name;
    bool python = false;
    std::string folder = usual_folder;

    Language language() const { return python ? Language::python : Language::cpp; }
    /// Empty: whichever was saved last.
    std::optional<Language> asked_language() const;
};

/// The language in which the learner works, as far as the files tell; C++ where there is none.
Language likely_language(const Task& task, const TaskChoice& choice);

input::Option task_option(TaskChoice& choice);
input::Option python_option(std::string help, TaskChoice& choice);
input::Option folder_option(TaskChoice& choice);

} // namespace mpworkshop::practice
