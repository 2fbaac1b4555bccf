#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/kit/gantt.hpp"
#include "mpworkshop/practice/judgment.hpp"
#include "mpworkshop/practice/task.hpp"

namespace mpworkshop::practice {

/// What is checked: a file, or a command.
struct Subject {
    const Task* task = nullptr;
    Language language = Language::cpp; ///< of the file, and of the program that it is compared with
    std::string folder;                ///< where it runs
    std::string file_name;             ///< the learner's file in it; empty for a command
    std::vector<std::string> command;  ///< empty for a file
    std::string options = {};          ///< of the same choice: " --python --dir here"
};

/// What was found of one aspect.
struct Step {
    Aspect aspect = Aspect::builds;
    Finding finding;
    std::string cause = {};              ///< why, as far as the source code tells; one sentence
    std::string messages = {};           ///< a compiler's, as they are
    std::vector<GanttLane> picture = {}; ///< who computed or waited, and when
};

/// "builds", "right", ...
const char* name_of(Aspect aspect);

struct CheckReport {
    std::vector<Step> steps;
    bool right = false;                 ///< it builds and is right
    std::optional<bool> by_cgroup = {}; ///< a cgroup held its processes; empty if nothing ran
    std::string code = {};              ///< of the learner's file; empty for a command

    /// Nothing is missing, as far as this machine can tell.
    bool done() const;
};

/// Looks at all aspects of the task in order, until one that is not as it should be makes the next
/// ones pointless; `on_step` gets each as it is found. Blocks: for seconds; a program that hangs,
/// for its deadline. Errors: mp::Interrupted, with nothing left behind; std::system_error.
CheckReport run_checks(const Subject& subject, const std::function<void(const Step&)>& on_step);

/// One line for people: what is built and run.
std::string description(const Subject& subject);

/// The command that builds it here, to be typed in its folder; empty if nothing is built.
std::string build_command(const Subject& subject);

} // namespace mpworkshop::practice
