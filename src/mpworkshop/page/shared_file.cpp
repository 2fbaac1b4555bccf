#include "mpworkshop/page/shared_file.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <stdexcept>

#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/record/short_value.hpp"
#include "mpworkshop/report/json.hpp"

namespace mpworkshop::page {
namespace {

constexpr double most_cpus = 1e5, largest_ratio = 1e6;
constexpr std::size_t most_lines = 200, most_predictions = 100;
constexpr record::Limits limits_when_shared = {.items = 16, .bytes = 200, .depth = 5};

Value part(const Value& value, std::string_view name) {
    const Value* found = value.find(name);
    return found != nullptr ? *found : Value();
}

/// The last complete line of each name, and of a check in each language, else the last.
std::vector<const record::Line*> last_lines(const record::Record& record, std::string_view kind) {
    std::map<std::string, const record::Line*> last;
    for (const record::Line& line : record.lines) {
        if (line.kind != kind) continue;
        const record::Line*& known =
            last[line.name + " " + std::string(part(line.facts, "language").text())];
        if (known == nullptr || line.complete || !known->complete) known = &line;
    }
    std::vector<const record::Line*> lines;
    for (const auto& [name, line] : last)
        if (lines.size() < most_lines / 2) lines.push_back(line);
    return lines;
}

Value shared_line(const record::Line& line) {
    Value::Object kept;
    for (const auto& [name, value] : std::get<Value::Object>(line.facts.data()))
        if (name != "code" && name != "machine") kept.emplace_back(name, value);
    return record::shortened(Value(std::move(kept)), limits_when_shared);
}

Value shared_lines(const record::Record& record, std::string_view kind) {
    Value::List lines;
    for (const record::Line* line : last_lines(record, kind)) lines.push_back(shared_line(*line));
    return lines;
}

double number_at(const Value& value, std::string_view name, double least, double most) {
    const double number = part(value, name).number().value_or(0);
    if (!(number >= least && number <= most))
        throw std::runtime_error("its number '" + std::string(name) + "' is out of range");
    return number;
}

/// A number that may be missing; one out of range is taken for missing.
std::optional<double> optional_number(const Value& value, std::string_view name, double least,
                                      double most) {
    const auto number = part(value, name).number();
    return number && *number >= least && *number <= most ? number : std::nullopt;
}

std::string text_in(const Value& value, std::string_view name, std::size_t most) {
    const Value found = part(value, name);
    if (found.text().size() > most)
        throw std::runtime_error("its text '" + std::string(name) + "' is too long");
    return std::string(found.text());
}

unsigned workers_in(const Value& row) {
    const Value workers = part(row, "workers");
    const double number = workers.text().empty()
                              ? workers.number().value_or(0)
                              : std::strtod(std::string(workers.text()).c_str(), nullptr);
    return number >= 1 && number <= most_cpus ? unsigned(number) : 0;
}

void take_speedup(Participant& participant, const record::Line& line) {
    for (const Value& row : part(part(line.facts, "result"), "rows").list()) {
        const auto ratio = optional_number(row, "speedup", 1e-6, largest_ratio);
        const unsigned workers = workers_in(row);
        if (!ratio || workers == 0 || workers > participant.usable) continue;
        if (participant.best && participant.best->ratio >= *ratio) continue;
        participant.best = {
            .ratio = *ratio,
            .low = optional_number(row, "speedup_low", 0, largest_ratio).value_or(*ratio),
            .high = optional_number(row, "speedup_high", 0, largest_ratio).value_or(*ratio),
            .workers = workers};
    }
}

/// Whether compare was given pi: the speedups of other runs are of other work.
bool compares_pi(const record::Line& line) {
    const Value::List rows = part(part(line.facts, "result"), "rows").list();
    return !rows.empty() && part(rows.front(), "command").text().starts_with("pi-serial ");
}

void take_run(Participant& participant, const record::Line& line) {
    if (line.complete) participant.done.insert(line.name);
    if (const auto taken =
            optional_number(part(line.facts, "other_programs"), "cpus_used", 0, most_cpus))
        participant.cpus_taken = std::max(participant.cpus_taken.value_or(0), *taken);
    if (auto prediction = prediction_of(line);
        prediction && participant.predictions.size() < most_predictions)
        participant.predictions.push_back(std::move(*prediction));
}

std::vector<record::Line> lines_at(const Value& document, std::string_view name) {
    std::vector<record::Line> lines;
    for (const Value& each : part(document, name).list()) {
        if (lines.size() == most_lines) throw std::runtime_error("it has too many lines");
        auto line = record::read_line(each);
        if (!line) throw std::runtime_error("one of its lines is no line of a record");
        lines.push_back(std::move(*line));
    }
    return lines;
}

} // namespace

std::string shared_document(const record::Record& record, std::string_view name) {
    Value machine;
    for (const record::Line& line : record.lines)
        if (Value found = part(line.facts, "machine"); !found.is_null()) machine = std::move(found);
    if (machine.is_null()) machine = report::machine_facts();
    return report::json_line(
               Value::object({{"schema", std::string(shared_schema)},
                              {"id", record.id()},
                              {"written", progress::written(curriculum::now())},
                              {"name", name.empty() ? Value() : Value(std::string(name))},
                              {"machine", std::move(machine)},
                              {"runs", shared_lines(record, "run")},
                              {"checks", shared_lines(record, "check")}})) +
           "\n";
}

Participant read_shared(std::string_view text) {
    if (text.size() > largest_shared_file)
        throw std::runtime_error("it is too large to be a shared file");
    const auto document = report::parse_json(text);
    if (!document) throw std::runtime_error("it is broken: no whole JSON document");
    const Value schema = part(*document, "schema");
    if (schema.text() != shared_schema)
        throw std::runtime_error(schema.text().starts_with("mpworkshop-share-")
                                     ? "a later version of mpworkshop wrote it"
                                     : "it is no file of report --share");
    Participant participant{.id = text_in(*document, "id", 16),
                            .name = text_in(*document, "name", longest_participant)};
    if (participant.id.size() != 16 ||
        participant.id.find_first_not_of("0123456789abcdef") != std::string::npos)
        throw std::runtime_error("its identifier is broken");
    const auto written = progress::read(text_in(*document, "written", 40));
    if (!written) throw std::runtime_error("it does not say when it was written");
    participant.written = *written;
    const Value machine = part(*document, "machine");
    participant.usable = unsigned(number_at(machine, "usable", 1, most_cpus));
    participant.cpus = unsigned(number_at(machine, "cpus", 1, most_cpus));
    participant.cpu = text_in(machine, "cpu", 200);
    participant.build = text_in(machine, "build", 40);
    participant.version = text_in(machine, "version", 40);
    const std::vector<record::Line> runs = lines_at(*document, "runs");
    for (const record::Line& line : runs) {
        take_run(participant, line);
        if (line.name == "scale") take_speedup(participant, line);
    }
    for (const record::Line& line : runs)
        if (line.name == "compare" && !participant.best && compares_pi(line))
            take_speedup(participant, line);
    for (const record::Line& line : lines_at(*document, "checks")) {
        const Value passed = part(line.facts, "passed");
        const bool* truth = std::get_if<bool>(&passed.data());
        bool& done = participant.tasks[line.name]; // in one language is enough
        done = done || (truth != nullptr && *truth);
    }
    return participant;
}

} // namespace mpworkshop::page
