#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/commands/source_of.hpp"
#include "mpworkshop/curriculum.hpp"
#include "mpworkshop/embedded.hpp"
#include "mpworkshop/error.hpp"
#include "mpworkshop/lesson_text.hpp"
#include "mpworkshop/sys/output.hpp"

namespace mpworkshop::commands {

std::string source_path(const Exercise& exercise) {
    std::string name = exercise.name;
    std::ranges::replace(name, '-', '_');
    return "exercises/" + name + ".cpp";
}

std::vector<std::string> companions(std::string_view code) {
    static constexpr std::string_view start = "#include \"";
    code = lesson_text::teaching_part(code);
    std::vector<std::string> paths;
    for (std::size_t at = code.find(start); at != code.npos; at = code.find(start, at + 1)) {
        const std::string_view rest = code.substr(at + start.size());
        const std::string header(rest.substr(0, rest.find('"')));
        if (embedded(header).empty()) continue;
        paths.push_back(header);
        const std::string body = header.substr(0, header.rfind('.')) + ".cpp";
        if (!embedded(body).empty()) paths.push_back(body);
    }
    return paths;
}

namespace {

using Json = nlohmann::ordered_json;

struct SourceOptions {
    std::string name;
    bool all = false;
    bool python = false;
};

/// The complete program in Python that does what the exercise does.
std::string twin_path(const Exercise& exercise) {
    std::string name = exercise.name;
    std::ranges::replace(name, '-', '_');
    const std::string folder = name.starts_with("pi_") ? "pi" : name;
    return "exercises/" + folder + "/" + name + ".py";
}

void write_json(const std::string& name, const std::string& path, std::string_view text,
                const std::vector<std::string>& beside) {
    Json others = Json::array();
    for (const std::string& other : beside)
        others.push_back({{"path", other}, {"text", embedded(other)}});
    const Json document = {{"schema", "mpworkshop-source-1"},
                           {"name", name},
                           {"path", path},
                           {"text", text},
                           {"beside", std::move(others)}};
    fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
}

std::size_t lines_of(std::string_view text) { return std::size_t(std::ranges::count(text, '\n')); }

int run_source(const SourceOptions& o, const Run::Settings& settings) {
    if (o.name.empty())
        throw UsageError("source: NAME is missing; give an exercise, such as source map");
    const Exercise& exercise = curriculum::find("source", o.name);
    if (o.python && o.all)
        throw UsageError("source: the Python program is complete; leave --all or --python out");
    const std::string path = o.python ? twin_path(exercise) : source_path(exercise);
    const std::string_view whole = embedded(path);
    const bool complete = o.all || o.python;
    const std::string_view text = complete ? whole : lesson_text::teaching_part(whole);
    const std::vector<std::string> beside = o.all ? companions(whole) : std::vector<std::string>();
    if (settings.json) {
        write_json(exercise.name, path, text, beside);
        return 0;
    }
    fmt::print("{}", text);
    for (const std::string& other : beside)
        fmt::print("\n// ==== {}\n\n{}", other, embedded(other));
    if (!complete && !settings.quiet)
        sys::tell(fmt::format(
            "mpworkshop: {} of {} lines, the part that teaches; the rest: source {} --all\n",
            lines_of(text), lines_of(whole), exercise.name));
    return 0;
}

CommandPlan plan_source() {
    auto o = std::make_shared<SourceOptions>();
    return {.options = {input::word("NAME", "", "an exercise or a demonstration", o->name),
                        input::flag("--all",
                                    "the options and the lines on the screen too, and the files "
                                    "beside it that it needs",
                                    o->all),
                        input::flag("--python", "the same exercise as a complete Python program",
                                    o->python)},
            .run = [o](const Run::Settings& settings) { return run_source(*o, settings); }};
}

} // namespace

const Command source = {
    .name = "source",
    .summary = "the very code of an exercise, the part that teaches",
    .about = "What is printed is what was compiled into this program. Alone it is on standard "
             "output, so that it can be sent to a pager, an editor or a compiler.",
    .example = "source map",
    .plan = plan_source,
};

} // namespace mpworkshop::commands
