#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/curriculum/topics.hpp"
#include "mpworkshop/input/close_match.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/input/invocation.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/markdown.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::commands {
namespace {

using Json = nlohmann::ordered_json;
using curriculum::Topic;

/// An explanation: the words that are printed, and what to do after them.
struct Explanation {
    std::string name;
    std::string title; ///< of a topic; empty for a tool
    std::string text;
    std::string command; ///< without the program's name
};

/// Replaces the script in commands by the name with which the program was started.
std::string with_the_programs_name(std::string text) {
    static constexpr std::string_view script = "./run ";
    const std::string name = invocation("");
    for (std::size_t at = 0; (at = text.find(script, at)) != text.npos; at += name.size())
        text.replace(at, script.size(), name);
    return text;
}

/// What to do after reading: run the exercise, read the next point or, after the last point,
/// continue after this tool.
std::string command_after(const Topic& topic) {
    if (const std::string command = topic.command(); !command.empty()) return command;
    const std::span<const Topic> all = curriculum::topics();
    const auto next = std::size_t(&topic - all.data()) + 1;
    const bool last = topic.name == "rules" || next == all.size();
    return last ? curriculum::after("explain") : fmt::format("explain {}", all[next].name);
}

Explanation of_topic(const Topic& topic, const markdown::Style& style) {
    const std::string text = fmt::format("# {}\n{}", topic.title(), topic.text());
    return {.name = std::string(topic.name),
            .title = topic.title(),
            .text = markdown::plain(with_the_programs_name(text), style),
            .command = command_after(topic)};
}

Explanation of_command(const Command& command, const markdown::Style& style) {
    return {.name = command.name,
            .title = {},
            .text =
                text::paragraph(fmt::format("{}: {}", command.name, command.summary), style.width) +
                markdown::plain(command.about, style),
            .command = command.example};
}

std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const Topic& topic : curriculum::topics()) names.emplace_back(topic.name);
    for (const Command* command : other_commands()) names.emplace_back(command->name);
    return names;
}

Explanation explanation(const std::string& name, const markdown::Style& style) {
    if (const Topic* topic = curriculum::find_topic(name)) return of_topic(*topic, style);
    for (const Command* command : other_commands())
        if (command->name == name) return of_command(*command, style);
    const std::string hint = input::did_you_mean(name, names());
    throw UsageError(fmt::format(
        "explain: there is no {}{}", text::quoted(name),
        hint.empty() ? fmt::format("; {} lists what there is", invocation("explain")) : hint));
}

std::string entry(const std::string& margin, std::string_view words, std::size_t width) {
    std::string lines, begin = margin;
    for (const std::string& line : text::wrapped(words, width - margin.size())) {
        lines += begin + line + "\n";
        begin.assign(margin.size(), ' ');
    }
    return lines;
}

/// The list of explanations: the points of the story with their numbers, then the rest.
std::string list_of_names(std::size_t width) {
    std::string lines = "The story, point by point:\n";
    for (const Topic& topic : curriculum::topics()) {
        const std::string title = topic.title();
        const std::string number = topic.point > 0 ? fmt::to_string(topic.point) : "";
        lines += entry(fmt::format("  {:>2}  {:<14}", number, topic.name),
                       topic.point > 0 ? title.substr(title.find(' ') + 1) : title, width);
    }
    lines += fmt::format("\n{}:\n", commands_group);
    for (const Command* command : other_commands())
        lines += entry(fmt::format("  {:<14}", command->name), command->summary, width);
    return lines + "\n" + example("Try: ", "explain 1");
}

Json document(const Explanation& explanation) {
    Json titles = Json::array();
    if (!explanation.title.empty()) titles.push_back(explanation.title);
    return {{"schema", "mpworkshop-explain-1"},
            {"name", explanation.name},
            {"sections", std::move(titles)},
            {"text", explanation.text},
            {"command",
             explanation.command.empty() ? Json() : Json("mpworkshop " + explanation.command)}};
}

/// The last line.
std::string closing(const Explanation& explanation) {
    const std::string_view verb = explanation.command.starts_with(explanation.name) ? "Run it"
                                  : explanation.command.starts_with("explain ")     ? "Read on"
                                                                                    : "Next";
    return "\n" + example(fmt::format("{}: ", verb), explanation.command);
}

struct ExplainOptions {
    std::string name;

    std::vector<input::Option> options() {
        input::Option what = input::word("NAME", "",
                                         "a point of the story by name or number, an exercise, "
                                         "cluster, words or a tool",
                                         name);
        what.otherwise = "lists what there is";
        what.offers = curriculum::lesson_names();
        for (const char* more :
             {"memory", "mutex", "parallelism", "pool", "rules", "cluster", "words"})
            what.offers.emplace_back(more);
        return {std::move(what)};
    }
};

int run_explain(const ExplainOptions& o, const Run::Settings& settings) {
    const sys::Terminal terminal = sys::output_terminal();
    const markdown::Style style = {.width = sys::text_width(terminal), .utf8 = terminal.utf8};
    if (o.name.empty() && settings.json) {
        fmt::print("{}\n", Json{{"schema", "mpworkshop-explain-1"}, {"names", names()}}.dump(2));
    } else if (o.name.empty()) {
        fmt::print("{}", list_of_names(style.width));
    } else {
        const Explanation made = explanation(o.name, style);
        if (settings.json)
            fmt::print("{}\n", document(made).dump(2, ' ', false, Json::error_handler_t::replace));
        else
            fmt::print("{}{}", made.text, settings.quiet ? "" : closing(made));
    }
    return 0;
}

} // namespace

const Command explain = {
    .kind = Kind::helper,
    .name = "explain",
    .summary = "the story behind an exercise, and the terms used",
    .about = "A point of the story, by the name of its exercise or by its number; how to continue "
             "on a cluster (explain cluster); the terms, one sentence each (explain words); for a "
             "tool, what it does. The texts are part of the program and need no network.",
    .example = "explain rules",
    .plan = [] { return planned(run_explain); },
};

} // namespace mpworkshop::commands
