#include "mpworkshop/record/record.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdlib>
#include <random>
#include <stdexcept>
#include <utility>

#include "mpworkshop/kit/other_programs.hpp"
#include "mpworkshop/record/short_value.hpp"
#include "mpworkshop/record/timeline.hpp"
#include "mpworkshop/report/json.hpp"
#include "mpworkshop/sys/line_log.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/progress_file.hpp"

namespace mpworkshop::record {
namespace {

constexpr std::string_view id_digits = "0123456789abcdef";
constexpr std::size_t id_length = 16, longest_name = 40;
constexpr std::size_t most_moved = 100; // names of ran.txt; there are about twenty

/// What every line begins with, so that the identifier is found without reading a line as JSON.
std::string beginning(std::string_view id) {
    return fmt::format(R"({{"schema":"{}","id":"{}")", schema, id);
}

bool is_id(std::string_view id) {
    return id.size() == id_length && id.find_first_not_of(id_digits) == id.npos;
}

bool is_name(std::string_view name) {
    return !name.empty() && name.size() <= longest_name &&
           name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") == name.npos;
}

std::string new_id() {
    std::random_device random;
    std::string id;
    while (id.size() < id_length) id += id_digits[random() % id_digits.size()];
    return id;
}

/// The identifier of the last line in the end of the file; a new one where there is none.
std::string id_in(std::string_view end) {
    const std::string begin = beginning("").substr(0, beginning("").size() - 1);
    for (std::size_t at = end.rfind(begin); at != end.npos;
         at = at == 0 ? end.npos : end.rfind(begin, at - 1))
        if (const std::string_view id = end.substr(at + begin.size()).substr(0, id_length);
            is_id(id))
            return std::string(id);
    return new_id();
}

sys::LineLog log_at(const std::string& path) {
    return {path, path.substr(0, path.rfind('/')) + "/runs.1.jsonl"};
}

bool is_off() {
    const char* wanted = std::getenv(
        "MPWORKSHOP_RECORD"); // NOLINT(concurrency-mt-unsafe): nothing here changes the environment
    return wanted != nullptr && std::string_view(wanted) == "off";
}

progress::Time now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::string line_of(const NewLine& line, std::string_view id, progress::Time time,
                    const Value& facts) {
    Value document = Value::object({{"schema", std::string(schema)},
                                    {"id", std::string(id)},
                                    {"kind", std::string(line.kind)},
                                    {"name", std::string(line.name)},
                                    {"time", progress::written(time)},
                                    {"complete", line.complete}});
    if (const auto* members = std::get_if<Value::Object>(&facts.data()))
        for (const auto& [name, value] : *members) document.set(name, value);
    return report::json_line(document) + "\n";
}

Value without(const Value& facts, std::string_view left_out) {
    Value::Object kept;
    for (const auto& [name, value] : std::get<Value::Object>(facts.data()))
        if (name != left_out) kept.emplace_back(name, value);
    return kept;
}

Value with_command(const std::string& command, const Value& facts) {
    if (command.empty()) return facts;
    Value::Object members = {{"command", command}};
    if (const auto* others = std::get_if<Value::Object>(&facts.data()))
        members.insert(members.end(), others->begin(), others->end());
    return members;
}

/// The line in full or, where it is too long, with less and less of what matters least.
std::string fitting_line(const NewLine& line, std::string_view id, progress::Time time) {
    const auto fits = [](const std::string& text) {
        return text.size() <= sys::LineLog::longest_line;
    };
    Value facts = Value(Value::Object{});
    for (const Limits& limits : {Limits{}, Limits{.items = 8, .bytes = 200, .depth = 5},
                                 Limits{.items = 4, .bytes = 100, .depth = 4}}) {
        facts = shortened(line.facts, limits);
        if (!std::holds_alternative<Value::Object>(facts.data())) facts = Value(Value::Object{});
        if (!line.code.empty()) facts.set("code", std::string(line.code));
        facts.set("machine", report::machine_facts());
        if (std::string text = line_of(line, id, time, facts); fits(text)) return text;
    }
    for (const char* left_out :
         {"result", "timeline", "code", "findings", "options", "timings", "machine"}) {
        facts = without(facts, left_out);
        if (std::string text = line_of(line, id, time, facts); fits(text)) return text;
    }
    return line_of(line, id, time, Value(Value::Object{}));
}

/// What earlier versions remembered, as lines of the record.
std::string moved_lines(std::string_view ran, std::string_view id) {
    std::string lines;
    std::size_t number = 0;
    for (const progress::Entry& each : progress::entries(ran))
        if (is_name(each.name) && ++number <= most_moved)
            lines += line_of({.name = each.name}, id, each.time, Value(Value::Object{}));
    return lines;
}

/// The text of ran.txt; nothing where it is not there, or is not ours.
std::string ran_before() {
    try {
        return sys::read_progress(sys::progress_path());
    } catch (const std::runtime_error&) {
        return "";
    }
}

void add_line(std::string_view text, Record& record) {
    if (text.find_first_not_of(" \r\t") == text.npos) return;
    const auto document =
        text.size() < sys::LineLog::longest_line ? report::parse_json(text) : std::nullopt;
    if (!document) {
        ++record.broken;
        return;
    }
    if (auto line = read_line(*document)) {
        record.lines.push_back(std::move(*line));
        return;
    }
    const Value* name = document->find("schema");
    const bool newer =
        name != nullptr && name->text() != schema && name->text().starts_with("mpworkshop-record-");
    ++(newer ? record.newer : record.broken);
}

/// Whether the line is one of these subcommands; those that mean nothing are kept.
bool is_of(std::string_view text, std::span<const std::string> names) {
    const auto document = report::parse_json(text);
    const auto line = document ? read_line(*document) : std::nullopt;
    return line && std::ranges::find(names, line->name) != names.end();
}

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    return line;
}

} // namespace

void append(const NewLine& line, const Run::Settings& settings) {
    if (settings.no_record || is_off()) return;
    const std::string path = sys::record_path();
    if (path.empty()) return;
    NewLine full = line;
    if (line.kind == "run") full.facts = with_command(settings.command, line.facts);
    try {
        const std::string before = ran_before();
        log_at(path).append([&](std::string_view end) {
            const std::string id = id_in(end);
            return moved_lines(before, id) + fitting_line(full, id, now());
        });
        // A kill in between leaves both, which say the same.
        if (!before.empty()) sys::remove_progress(sys::progress_path());
    } catch (const std::runtime_error& error) {
        if (settings.quiet) return;
        sys::tell(fmt::format("mpworkshop: cannot record that {} ran here: {}\n", line.name,
                              error.what()));
    }
}

Value options_of(const CommandRequest& request) {
    Value options = Value(Value::Object{});
    for (const input::Option& option : request.plan.options) {
        const input::Completion completion = option.completion();
        if (!option.value || option.rest || completion == input::Completion::file ||
            completion == input::Completion::folder)
            continue;
        if (Value value = option.value(); !value.is_null()) options.set(option.key(), value);
    }
    options.set("seed", request.settings.seed);
    return options;
}

Value run_facts(const CommandRequest& request, const Outcome& outcome) {
    Value::List timings;
    for (const Timing& each : outcome.timings)
        timings.push_back(
            Value::object({{"name", each.name}, {"wall_s", each.wall_s}, {"cpu_s", each.cpu_s}}));
    Value facts = Value::object({{"options", options_of(request)},
                                 {"timings", std::move(timings)},
                                 {"meaning", outcome.meaning},
                                 {"workers", outcome.workers.size()},
                                 {"other_programs", kit::value_of(outcome.others)},
                                 {"result", shortened(outcome.result)}});
    const Timeline timeline =
        timeline_of(outcome.lanes.empty() ? outcome.drawn : gantt_lanes(outcome.lanes));
    if (!timeline.lanes.empty()) facts.set("timeline", as_value(timeline));
    if (outcome.prediction) facts.set("prediction", outcome.prediction->value());
    return facts;
}

std::map<std::string, progress::Time, std::less<>> Record::last_runs() const {
    std::map<std::string, progress::Time, std::less<>> last;
    for (const Line& line : lines)
        if ((line.kind == "run" || line.kind == "practice") && line.complete)
            last[line.name] = line.time;
    return last;
}

std::optional<Line> read_line(const Value& document) {
    const auto text_of = [&](std::string_view name) {
        const Value* value = document.find(name);
        return value != nullptr ? value->text() : std::string_view();
    };
    const std::string_view id = text_of("id"), kind = text_of("kind"), name = text_of("name");
    const auto time = progress::read(text_of("time"));
    if (text_of("schema") != schema || !is_id(id) || !is_name(kind) || !is_name(name) || !time)
        return std::nullopt;
    const Value* complete = document.find("complete");
    const bool* truth = complete != nullptr ? std::get_if<bool>(&complete->data()) : nullptr;
    return Line{.id = std::string(id),
                .kind = std::string(kind),
                .name = std::string(name),
                .time = *time,
                .complete = truth != nullptr && *truth,
                .facts = document};
}

void read_lines(std::string_view text, Record& record) {
    while (!text.empty()) add_line(take_line(text), record);
}

Record read() {
    Record record{.path = sys::record_path()};
    if (record.path.empty()) {
        record.problem = "HOME is not set, so no runs are recorded";
        return record;
    }
    try {
        const std::string text = log_at(record.path).read();
        // What an earlier version left is older than all else.
        read_lines(moved_lines(ran_before(), id_in(text)), record);
        read_lines(text, record);
    } catch (const std::runtime_error& error) {
        record.problem = std::string(error.what()) + "; so earlier runs are unknown";
    }
    return record;
}

void clear() {
    const std::string path = sys::record_path();
    if (path.empty()) return;
    log_at(path).clear();
    sys::remove_progress(sys::progress_path());
}

void forget(std::span<const std::string> names) {
    const std::string path = sys::record_path();
    if (path.empty()) return;
    const std::string before = ran_before();
    const sys::LineLog log = log_at(path);
    if (!before.empty()) {
        log.append([&](std::string_view end) { return moved_lines(before, id_in(end)); });
        sys::remove_progress(sys::progress_path());
    }
    log.rewrite([&](std::string_view text) {
        std::string kept;
        while (!text.empty())
            if (const std::string_view line = take_line(text); !is_of(line, names))
                (kept += line) += '\n';
        return kept;
    });
}

} // namespace mpworkshop::record
