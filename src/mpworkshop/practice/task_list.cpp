#include "mpworkshop/practice/task_list.hpp"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "mpworkshop/practice/standing.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::practice {

std::string rows_of_tasks(const curriculum::History& history, std::size_t width) {
    const bool narrow = width < 60;
    const std::size_t column = narrow ? 2 : 44;
    std::string lines = "Practice tasks:\n";
    if (!narrow) lines += fmt::format("  {:<13}{:>3}  {}\n", "", "min", "so far");
    for (const Task& task : tasks()) {
        const char* so_far = words_for(standing_of(task, history), task);
        std::string margin =
            narrow ? fmt::format("{}: {}\n  ", task.name, so_far)
                   : fmt::format("  {:<13}{:>3}  {:<22}  ", task.name, task.minutes, so_far);
        for (const std::string& line : text::wrapped(task.summary, width - column)) {
            lines += margin + line + "\n";
            margin = std::string(column, ' ');
        }
    }
    return lines;
}

std::string tasks_as_json(const curriculum::History& history) {
    nlohmann::ordered_json all = nlohmann::ordered_json::array();
    for (const Task& task : tasks())
        all.push_back({{"name", task.name},
                       {"minutes", task.minutes},
                       {"summary", task.summary},
                       {"so_far", words_for(standing_of(task, history), task)}});
    return all.dump();
}

} // namespace mpworkshop::practice
