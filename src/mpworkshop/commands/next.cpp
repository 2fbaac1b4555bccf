#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/curriculum/topics.hpp"
#include "mpworkshop/input/invocation.hpp"
#include "mpworkshop/practice/standing.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::commands {
namespace {

using Json = nlohmann::ordered_json;

struct Step {
    std::string name;
    std::string summary;
    std::string command;
};

Step step(const Command& lesson) {
    return {lesson.name, lesson.summary, curriculum::command_of(lesson.name)};
}

/// What remains when every exercise has been run: the benchmarks.
std::vector<Step> left_to_try(const curriculum::History& history) {
    std::vector<Step> left;
    for (const Command* command : all_commands())
        if (command->kind == Kind::benchmark && !history.last_run(command->name))
            left.push_back({command->name, command->summary, command->example});
    return left;
}

std::string words(const Command* following, const std::vector<Step>& left, std::size_t width) {
    if (following != nullptr) {
        const Step shown = step(*following);
        return text::paragraph(fmt::format("Next is {}: {}; about {} min.", shown.name,
                                           shown.summary, following->minutes),
                               width) +
               "\n" + example("  ", shown.command) + "\n" +
               example("Read about it first: ", "explain " + shown.name);
    }
    if (left.empty())
        return text::paragraph("Every exercise ran here. Write a program of your own: the README "
                               "shows the first lines.",
                               width) +
               example("Begin again: ", "reset");
    std::string lines = text::paragraph("Every exercise ran here. Not yet tried:", width) + "\n";
    for (const Step& each : left) {
        lines += example("  ", each.command);
        for (const std::string& line : text::wrapped(each.summary, width - 6))
            lines += fmt::format("      {}\n", line);
    }
    return lines;
}

/// A practice task of an exercise that ran; empty if there is none.
std::string practice_command(const curriculum::History& history) {
    const practice::Task* task = practice::task_to_suggest(history);
    return task != nullptr ? "practice " + task->name : "";
}

Json document(const Command* following, const std::vector<Step>& left,
              const std::string& practice) {
    const auto as_json = [](const Step& each) {
        return Json{{"name", each.name},
                    {"summary", each.summary},
                    {"command", "mpworkshop " + each.command}};
    };
    Json list = Json::array();
    for (const Step& each : left) list.push_back(as_json(each));
    return {{"schema", "mpworkshop-next-1"},
            {"next", following != nullptr ? as_json(step(*following)) : Json()},
            {"left", std::move(list)},
            {"practice", practice.empty() ? Json() : Json("mpworkshop " + practice)}};
}

int run_next(const Run::Settings& settings) {
    const curriculum::History history = curriculum::history();
    const Command* following = curriculum::next(history);
    const std::vector<Step> left =
        following != nullptr ? std::vector<Step>() : left_to_try(history);
    const std::string practice = practice_command(history);
    if (settings.json)
        fmt::print("{}\n", document(following, left, practice).dump(2));
    else if (settings.quiet)
        fmt::print("{}", following != nullptr ? invocation(step(*following).command) + "\n" : "");
    else
        fmt::print("{}{}", words(following, left, sys::text_width(sys::output_terminal())),
                   practice.empty() ? "" : example("Practice: ", practice));
    curriculum::tell_problem(history, settings);
    return 0;
}

} // namespace

const Command next = {
    .kind = Kind::helper,
    .name = "next",
    .summary = "the first exercise that has not run here, and its command",
    .about = "In the order of the story. Nothing is locked and nothing advances by itself: run "
             "them in any "
             "order, as often as you like. After the last it names what is left to try.",
    .example = "next",
    .plan =
        [] {
            return Plan{{}, run_next};
        },
};

} // namespace mpworkshop::commands
