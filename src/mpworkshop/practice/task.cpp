#include "mpworkshop/practice/task.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "mpworkshop/input/close_match.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/input/invocation.hpp"
#include "mpworkshop/kit/embedded.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::practice {
namespace {

using nlohmann::json;

constexpr std::array folders = {"threads_io", "process_demo", "map",   "starmap", "pi",
                                "race",       "chunks",       "seeds", "words",   "your_own"};

Aspect aspect_of(const std::string& word) {
    if (word == "right") return Aspect::right;
    if (word == "parallel") return Aspect::parallel;
    if (word == "overlap") return Aspect::overlap;
    if (word == "faster") return Aspect::faster;
    if (word == "not slower") return Aspect::not_slower;
    if (word == "clean") return Aspect::clean;
    throw std::logic_error("a task's manifest has the unknown check " + word);
}

Expected expected_of(const std::string& word) {
    if (word == "start") return Expected::start;
    if (word == "count") return Expected::count;
    if (word == "different lines") return Expected::different_lines;
    if (word == "own serial") return Expected::own_serial;
    throw std::logic_error("a task's manifest expects the unknown " + word);
}

Arguments both(const json& document, const char* key) {
    if (!document.contains(key)) return {};
    return {document[key]["cpp"].get<std::vector<std::string>>(),
            document[key]["py"].get<std::vector<std::string>>()};
}

Trap trap_of(const json& document) {
    return {.aspect = aspect_of(document["check"]),
            .pattern = {document.value("cpp", ""), document.value("py", "")},
            .unless = document.value("unless", ""),
            .only_with = document.value("if", ""),
            .says = document["says"]};
}

Task read(const std::string& folder) {
    Task task = {.folder = "exercises/" + folder + "/practice"};
    const json document = json::parse(task.text("task.json"));
    task.name = document["name"];
    task.summary = document["summary"];
    task.minutes = document["minutes"];
    task.files = both(document, "files");
    for (const json& each : document["checks"]) task.aspects.push_back(aspect_of(each));
    task.expected = expected_of(document["expected"]);
    task.line = document.value("line", "");
    for (const json& each : document["inputs"])
        task.inputs.push_back({each["what"], each["arguments"]});
    task.timed = both(document, "timed");
    task.more = both(document, "more");
    task.against = both(document, "against");
    task.waits_s = document.value("waits_s", 0.0);
    task.deadline_s = document["deadline_s"];
    for (const json& each : document["traps"]) task.traps.push_back(trap_of(each));
    return task;
}

} // namespace

const char* name_of(Language language) { return language == Language::cpp ? "C++" : "Python"; }

const char* suffix_of(Language language) { return language == Language::cpp ? ".cpp" : ".py"; }

bool Task::looks_at(Aspect aspect) const {
    return std::ranges::find(aspects, aspect) != aspects.end();
}

std::string_view Task::text(std::string_view file) const {
    return embedded(fmt::format("{}/{}", folder, file));
}

std::string Task::file_name(Language language) const { return name + suffix_of(language); }

std::span<const Task> tasks() {
    static const std::vector<Task> all = [] {
        std::vector<Task> tasks;
        tasks.reserve(std::size(folders));
        for (const char* folder : folders) tasks.push_back(read(folder));
        return tasks;
    }();
    return all;
}

std::vector<std::string> task_names() {
    std::vector<std::string> names;
    for (const Task& task : tasks()) names.push_back(task.name);
    return names;
}

const Task& find_task(std::string_view asker, std::string_view name) {
    for (const Task& task : tasks())
        if (task.name == name) return task;
    if (name.empty())
        throw UsageError(
            fmt::format("{}: NAME is missing; give a task, such as {} map", asker, asker));
    const std::string hint = input::did_you_mean(name, task_names());
    throw UsageError(
        fmt::format("{}: there is no task {}{}", asker, text::quoted(name),
                    hint.empty() ? fmt::format("; {} shows them", invocation("practice")) : hint));
}

} // namespace mpworkshop::practice
