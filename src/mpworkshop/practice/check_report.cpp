#include "mpworkshop/practice/check_report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/practice/standing.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::practice {
namespace {

using Json = nlohmann::ordered_json;

/// The task to do after this one.
std::string after(const Task& task, const Subject& subject) {
    const curriculum::History history = curriculum::history();
    for (const Task& each : tasks())
        if (each.name != task.name && standing_of(each, history) != Standing::done)
            return fmt::format("practice {}{}", each.name, subject.options);
    return "practice";
}

} // namespace

std::string lines_of(const Step& step, std::size_t width, bool utf8) {
    std::string lines;
    if (!step.picture.empty())
        lines += gantt(step.picture, {.width = unsigned(width), .utf8 = utf8}) + "\n";
    lines += step.messages;
    const bool narrow = width < 60;
    const std::size_t column = narrow ? 2 : 24;
    std::string margin = fmt::format("{:<13}{}", word(step.finding.verdict), name_of(step.aspect));
    margin = narrow ? margin + "\n  " : fmt::format("{:<24}", margin);
    const std::string words = step.finding.words + (step.cause.empty() ? "" : " " + step.cause);
    for (const std::string& line : text::wrapped(words, width - column)) {
        lines += margin + line + "\n";
        margin = std::string(column, ' ');
    }
    return lines;
}

std::string closing(const Task& task, const Subject& subject, const CheckReport& report,
                    std::size_t width) {
    if (!report.done() && report.steps.back().aspect == Aspect::builds &&
        report.steps.back().finding.verdict == Verdict::cannot_tell)
        return text::ending("Not checked.",
                            example("Next: ", "check " + task.name + subject.options), width);
    if (!report.done())
        return text::ending("Not done yet.",
                            example("Next: ", "hint " + task.name + subject.options), width);
    const bool doubtful = std::ranges::any_of(report.steps, [](const Step& step) {
        return step.finding.verdict == Verdict::cannot_tell;
    });
    return text::ending(doubtful ? "Done, as far as this machine can tell." : "Done.",
                        example("Next: ", after(task, subject)), width);
}

std::string as_json(const Task& task, const Subject& subject, const CheckReport& report) {
    Json checks = Json::array();
    for (const Step& step : report.steps)
        checks.push_back({{"name", name_of(step.aspect)},
                          {"verdict", word(step.finding.verdict)},
                          {"finding", step.finding.words},
                          {"cause", step.cause.empty() ? Json() : Json(step.cause)},
                          {"messages", step.messages.empty() ? Json() : Json(step.messages)}});
    const bool is_file = subject.command.empty();
    const Json document = {
        {"schema", "mpworkshop-check-1"},
        {"task", task.name},
        {"language", name_of(subject.language)},
        {"file", is_file ? Json(subject.folder + "/" + subject.file_name) : Json()},
        {"command", is_file ? Json() : Json(subject.command)},
        {"checks", std::move(checks)},
        {"done", report.done()},
        {"contained_by", !report.by_cgroup   ? Json()
                         : *report.by_cgroup ? Json("cgroup")
                                             : Json("process tree")}};
    return document.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace mpworkshop::practice
