#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/practice/commands.hpp"
#include "mpworkshop/practice/hints.hpp"
#include "mpworkshop/practice/options.hpp"
#include "mpworkshop/practice/standing.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/markdown.hpp"

namespace mpworkshop::practice {
namespace {

using Json = nlohmann::ordered_json;

struct HintOptions {
    TaskChoice task;
    bool again = false;

    std::vector<input::Option> options();
};

int run_hint(const HintOptions& o, const Run::Settings& settings) {
    const Task& task = find_task("hint", o.task.name);
    const unsigned shown = hints_shown(task, curriculum::history());
    const Language language = likely_language(task, o.task);
    const std::vector<std::string> hints = hints_of(task, language);
    const auto most = unsigned(hints.size());
    const unsigned number = std::clamp(o.again ? shown : shown + 1, 1U, most);
    const std::string& hint = hints[number - 1];
    if (settings.json) {
        const Json document = {{"schema", "mpworkshop-hint-1"},
                               {"task", task.name},
                               {"number", number},
                               {"of", most},
                               {"hint", hint}};
        fmt::print("{}\n", document.dump(2));
    } else {
        const sys::Terminal terminal = sys::output_terminal();
        fmt::print("Hint {} of {}:\n\n{}\n", number, most,
                   markdown::plain(hint, {sys::text_width(terminal), terminal.utf8}));
        if (!settings.quiet)
            fmt::print("{}", example("Next: ",
                                     "check " + task.name + options_of(language, o.task.folder)));
    }
    note_hint(task, number, settings);
    return 0;
}

std::vector<input::Option> HintOptions::options() {
    return {task_option(task), input::flag("--again", "shows the last hint again", again),
            python_option("with code in Python", task), folder_option(task)};
}

} // namespace

const Command hint = {
    .kind = Kind::helper,
    .name = "hint",
    .summary = "one more hint for a task",
    .about = "Each task has three hints; the third one has code. After that, it is shown "
             "again.",
    .example = "hint map",
    .plan = [] { return planned(run_hint); },
};

} // namespace mpworkshop::practice
