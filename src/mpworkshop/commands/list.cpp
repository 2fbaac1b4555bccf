#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/practice/task_list.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::commands {
namespace {

using Json = nlohmann::ordered_json;

std::string ran(const Command& lesson, const curriculum::History& history, progress::Time now) {
    const auto last = history.last_run(lesson.name);
    return last ? progress::age(*last, now) : "not yet";
}

/// In columns, the summary in the last one; on a narrow terminal a line with its summary below.
std::string row(const Command& lesson, const std::string& ran, std::size_t width) {
    const bool narrow = width < 60;
    const std::size_t column = narrow ? 2 : 32;
    std::string margin =
        narrow ? fmt::format("{} ({} min): {}\n  ", lesson.name, lesson.minutes, ran)
               : fmt::format("  {:<13}{:>3}  {:<12}", lesson.name, lesson.minutes, ran);
    std::string lines;
    for (const std::string& line : text::wrapped(lesson.summary, width - column)) {
        lines += margin + line + "\n";
        margin = std::string(column, ' ');
    }
    return lines;
}

std::string rows(const curriculum::History& history, std::size_t width) {
    const progress::Time now = curriculum::now();
    std::string lines = fmt::format("{}:\n", exercises_group);
    if (width >= 60) lines += fmt::format("  {:<13}{:>3}  {}\n", "", "min", "ran here");
    for (const Command* lesson : lessons())
        lines += row(*lesson, ran(*lesson, history, now), width);
    return lines + "\n";
}

std::string closing(const curriculum::History& history, std::size_t width) {
    unsigned number = 0, done = 0, minutes = 0;
    for (const Command* lesson : lessons()) {
        ++number;
        minutes += lesson->minutes;
        done += history.last_run(lesson->name) ? 1 : 0;
    }
    const std::string words =
        fmt::format("{} of {} ran here; all take about {} min.", done, number, minutes);
    return text::paragraph(words, width) + example("Next: ", curriculum::after("list", history));
}

Json document(const curriculum::History& history) {
    Json all = Json::array();
    for (const Command* lesson : lessons()) {
        const auto last = history.last_run(lesson->name);
        all.push_back({{"name", lesson->name},
                       {"kind", lesson->kind == Kind::exercise ? "exercise" : "demonstration"},
                       {"minutes", lesson->minutes},
                       {"summary", lesson->summary},
                       {"ran", last.has_value()},
                       {"last_run", last ? Json(progress::written(*last)) : Json()}});
    }
    const Command* following = curriculum::next(history);
    return {{"schema", "mpworkshop-list-1"},
            {"state", history.path.empty() ? Json() : Json(history.path)},
            {"exercises", std::move(all)},
            {"practice", Json::parse(practice::tasks_as_json(history))},
            {"next", following != nullptr ? Json(following->name) : Json()}};
}

int run_list(const Run::Settings& settings) {
    const curriculum::History history = curriculum::history();
    const std::size_t width = sys::text_width(sys::output_terminal());
    if (settings.json) {
        fmt::print("{}\n", document(history).dump(2, ' ', false, Json::error_handler_t::replace));
    } else {
        fmt::print("{}{}\n", rows(history, width), practice::rows_of_tasks(history, width));
        if (!settings.quiet) fmt::print("{}", closing(history, width));
    }
    curriculum::tell_problem(history, settings);
    return 0;
}

} // namespace

const Command list = {
    .kind = Kind::helper,
    .name = "list",
    .summary = "the exercises in order, how long each takes, and which ran here",
    .about = "All exercises, demonstrations and practice tasks, with the minutes that a group "
             "needs for each and "
             "when each last ran to its end here. Each run leaves one line in the record, "
             "runs.jsonl in $XDG_STATE_HOME/mpworkshop, else in ~/.local/state/mpworkshop: what "
             "ran, its timings and the machine, but no names or paths. With --no-record "
             "or MPWORKSHOP_RECORD=off, nothing is recorded.",
    .example = "list",
    .plan =
        [] {
            return Plan{{}, run_list};
        },
};

} // namespace mpworkshop::commands
