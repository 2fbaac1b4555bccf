#include "mpworkshop/curriculum/curriculum.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "mpworkshop/curriculum/topics.hpp"
#include "mpworkshop/input/close_match.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/input/invocation.hpp"
#include "mpworkshop/record/record.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::curriculum {
namespace {

/// The command with which to try a subcommand first.
std::string command_to_try(const Command& command) {
    return command.is_lesson() ? command_of(command.name) : std::string(command.example);
}

} // namespace

std::optional<progress::Time> History::last_run(std::string_view name) const {
    const auto found = last.find(name);
    return found == last.end() ? std::nullopt : std::optional(found->second);
}

History history() {
    const record::Record record = record::read();
    History history{.path = record.path, .last = record.last_runs(), .problem = record.problem};
    if (history.problem.empty() && record.broken > 0)
        history.problem =
            fmt::format("{} cannot be read and {} skipped in {}; reset removes all of it",
                        text::counted(record.broken, "line"), record.broken == 1 ? "is" : "are",
                        text::printable(record.path, 500));
    return history;
}

void tell_problem(const History& history, const Run::Settings& settings) {
    if (history.problem.empty() || settings.quiet) return;
    sys::tell(fmt::format("mpworkshop: {}\n", history.problem));
}

const Command* next(const History& history) {
    for (const Command* lesson : lessons())
        if (!history.last_run(lesson->name)) return lesson;
    return nullptr;
}

std::string after(std::string_view name) {
    const std::span<const Command* const> all = all_commands();
    const auto found = std::ranges::find(all, name, &Command::name);
    return found == all.end() || found + 1 == all.end() ? "" : command_to_try(**(found + 1));
}

std::string after(std::string_view name, const History& history) {
    const Command* lesson = next(history);
    return lesson != nullptr ? command_to_try(*lesson) : after(name);
}

std::vector<std::string> lesson_names() {
    std::vector<std::string> names;
    for (const Command* lesson : lessons()) names.emplace_back(lesson->name);
    return names;
}

const Command& find(std::string_view asker, std::string_view name) {
    for (const Command* lesson : lessons())
        if (lesson->name == name) return *lesson;
    const std::string hint = input::did_you_mean(name, lesson_names());
    throw UsageError(
        fmt::format("{}: there is no exercise {}{}", asker, text::quoted(name),
                    hint.empty() ? fmt::format("; {} shows them", invocation("list")) : hint));
}

progress::Time now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

} // namespace mpworkshop::curriculum
