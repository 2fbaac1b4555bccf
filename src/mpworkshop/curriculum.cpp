#include "mpworkshop/curriculum.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "exercises/exercises.hpp"
#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/curriculum/topics.hpp"
#include "mpworkshop/error.hpp"
#include "mpworkshop/input/close_match.hpp"
#include "mpworkshop/invocation.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/progress_file.hpp"
#include "mpworkshop/text.hpp"

namespace mpworkshop::curriculum {
namespace {

struct Step {
    std::string_view name;
    std::string command;
};

/// All subcommands in the order of the help, each with the command to try.
std::vector<Step> way() {
    std::vector<Step> steps;
    for (const Exercise* exercise : exercises::all)
        steps.push_back({exercise->name, command_of(exercise->name)});
    for (const Command* command : commands::all) steps.push_back({command->name, command->example});
    return steps;
}

} // namespace

std::optional<progress::Time> History::last_run(std::string_view name) const {
    return progress::last_run(text, name);
}

History history() {
    History history{.path = sys::progress_path()};
    if (history.path.empty()) {
        history.problem = "HOME is not set, so nothing is remembered of what ran here";
        return history;
    }
    try {
        history.text = sys::read_progress(history.path);
    } catch (const std::runtime_error& error) {
        history.problem = std::string(error.what()) + "; so nothing is known of what ran here";
    }
    return history;
}

void tell_problem(const History& history, const Run::Settings& settings) {
    if (history.problem.empty() || settings.quiet) return;
    sys::tell(fmt::format("mpworkshop: {}\n", history.problem));
}

void note(std::string_view name, const Run::Settings& settings) {
    const std::string path = sys::progress_path();
    if (path.empty()) return;
    try {
        const std::string text = sys::read_progress(path);
        const progress::Time time = now();
        // One command may be run over and over, to be timed: then the file is let alone.
        if (progress::is_fresh(text, name, time)) return;
        sys::write_progress(path, progress::with(text, name, time));
    } catch (const std::runtime_error& error) {
        if (settings.quiet) return;
        sys::tell(fmt::format("mpworkshop: not noted that {} ran here: {}\n", name, error.what()));
    }
}

const Exercise* next(const History& history) {
    for (const Exercise* exercise : exercises::all)
        if (!history.last_run(exercise->name)) return exercise;
    return nullptr;
}

std::string after(std::string_view name) {
    bool found = false;
    for (const Step& step : way()) {
        if (found) return step.command;
        found = step.name == name;
    }
    return "";
}

std::string after(std::string_view name, const History& history) {
    const Exercise* exercise = next(history);
    return exercise != nullptr ? command_of(exercise->name) : after(name);
}

const Exercise& find(std::string_view command, std::string_view name) {
    std::vector<std::string> names;
    for (const Exercise* exercise : exercises::all) {
        if (exercise->name == name) return *exercise;
        names.emplace_back(exercise->name);
    }
    const std::string hint = input::did_you_mean(name, names);
    throw UsageError(
        fmt::format("{}: there is no exercise {}{}", command, text::quoted(name),
                    hint.empty() ? fmt::format("; {} shows them", invocation("list")) : hint));
}

progress::Time now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

} // namespace mpworkshop::curriculum
