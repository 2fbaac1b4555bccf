#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "exercises/exercises.hpp"
#include "mpworkshop/app_help.hpp"
#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/commands/source_of.hpp"
#include "mpworkshop/curriculum.hpp"
#include "mpworkshop/embedded.hpp"
#include "mpworkshop/error.hpp"
#include "mpworkshop/input/close_match.hpp"
#include "mpworkshop/lesson_text.hpp"
#include "mpworkshop/markdown.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text.hpp"

namespace mpworkshop::commands {
namespace {

using Json = nlohmann::ordered_json;
using Sections = std::vector<lesson_text::Section>;

/// What is explained: its sections of the story, and the words that are printed.
struct Explanation {
    std::string name;
    Sections sections;
    std::string text;
    std::string command; ///< to run it, without the program's name
};

/// The README calls the program by the script that builds it.
std::string with_the_programs_name(std::string text) {
    static constexpr std::string_view script = "./run ";
    for (std::size_t at = 0; (at = text.find(script, at)) != text.npos;)
        text.replace(at, script.size(), "mpworkshop ");
    return text;
}

Explanation of_exercise(const Exercise& exercise, const markdown::Style& style) {
    const Sections all = lesson_text::sections(embedded("README.md"));
    Explanation made{.name = exercise.name,
                     .sections = lesson_text::about(exercise.name, all),
                     .text = {},
                     .command = lesson_text::command(exercise.name, all)};
    for (const lesson_text::Section& section : made.sections)
        made.text += markdown::plain(with_the_programs_name(
                                         fmt::format("### {}\n{}", section.title, section.text)) +
                                         "\n",
                                     style) +
                     "\n";
    made.text +=
        "The lesson itself:\n\n" +
        markdown::wrapped(lesson_text::opening_comment(embedded(lesson_path(exercise))), style);
    return made;
}

Explanation of_command(const Command& command, const markdown::Style& style) {
    return {.name = command.name,
            .sections = {},
            .text =
                fmt::format("{}: {}\n", command.name, markdown::wrapped(command.summary, style)) +
                markdown::wrapped(command.about, style),
            .command = command.example};
}

Explanation explanation(const std::string& name, const markdown::Style& style) {
    std::vector<std::string> names;
    for (const Exercise* exercise : exercises::all) {
        if (exercise->name == name) return of_exercise(*exercise, style);
        names.emplace_back(exercise->name);
    }
    for (const Command* command : all) {
        if (command->name == name) return of_command(*command, style);
        names.emplace_back(command->name);
    }
    const std::string hint = input::did_you_mean(name, names);
    throw UsageError(fmt::format("explain: there is no {}{}", text::quoted(name),
                                 hint.empty() ? "; mpworkshop explain lists what there is" : hint));
}

/// What can be explained, with the points of the story that do it.
std::string list_of_names(std::size_t width) {
    const Sections sections = lesson_text::sections(embedded("README.md"));
    std::string lines = "What can be explained:\n";
    const auto entry = [&](std::string_view name, const std::string& words) {
        std::string margin = fmt::format("  {:<14}", name);
        for (const std::string& line : text::wrapped(words, width - margin.size())) {
            lines += margin + line + "\n";
            margin.assign(margin.size(), ' ');
        }
    };
    for (const Exercise* exercise : exercises::all) {
        std::vector<std::string> titles;
        for (const lesson_text::Section& section : lesson_text::about(exercise->name, sections))
            titles.push_back(section.title);
        entry(exercise->name, fmt::format("{}", fmt::join(titles, "; ")));
    }
    lines += fmt::format("\n{}:\n", commands_group);
    for (const Command* command : all) entry(command->name, command->summary);
    return lines + "\nTry: mpworkshop explain map\n";
}

Json document(const Explanation& explanation) {
    Json titles = Json::array();
    for (const lesson_text::Section& section : explanation.sections)
        titles.push_back(section.title);
    return {{"schema", "mpworkshop-explain-1"},
            {"name", explanation.name},
            {"sections", std::move(titles)},
            {"text", explanation.text},
            {"command", "mpworkshop " + explanation.command}};
}

Json names() {
    Json list = Json::array();
    for (const Exercise* exercise : exercises::all) list.push_back(exercise->name);
    for (const Command* command : all) list.push_back(command->name);
    return {{"schema", "mpworkshop-explain-1"}, {"names", std::move(list)}};
}

int run_explain(const std::string& name, const Run::Settings& settings) {
    const sys::Terminal terminal = sys::output_terminal();
    const markdown::Style style = {.width = sys::text_width(terminal), .utf8 = terminal.utf8};
    if (name.empty() && settings.json) {
        fmt::print("{}\n", names().dump(2));
    } else if (name.empty()) {
        fmt::print("{}", list_of_names(style.width));
    } else {
        const Explanation made = explanation(name, style);
        if (settings.json)
            fmt::print("{}\n", document(made).dump(2, ' ', false, Json::error_handler_t::replace));
        else
            fmt::print("{}{}", made.text,
                       settings.quiet ? ""
                                      : fmt::format("\nRun it: mpworkshop {}\n", made.command));
    }
    return 0;
}

CommandPlan plan_explain() {
    auto name = std::make_shared<std::string>();
    return {.options = {input::word("NAME", "",
                                    "an exercise, a demonstration or a tool "
                                    "(default: lists what there is)",
                                    *name)},
            .run = [name](const Run::Settings& settings) { return run_explain(*name, settings); }};
}

} // namespace

const Command explain = {
    .name = "explain",
    .summary = "the story behind an exercise, to read before or after it",
    .about = "The points of the README's story that an exercise shows, then the lesson's own "
             "words; for a tool, what it does. It is part of the program and needs no network.",
    .example = "explain threads-io",
    .plan = plan_explain,
};

} // namespace mpworkshop::commands
