#include "mpworkshop/page/run_page.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/page/html.hpp"
#include "mpworkshop/page/run_pictures.hpp"
#include "mpworkshop/sys/topology.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::page {
namespace {

using record::Line;
using Lines = std::vector<const Line*>;

constexpr std::size_t most_earlier = 20;
constexpr std::size_t most_tasks = 30; // each of them in each language

/// Without the path of the program, which may hold the name of its user.
std::string plain_invocation(const std::string& arguments) { return "mpworkshop " + arguments; }

std::string shown(progress::Time time) {
    std::string words = progress::written(time); // 2026-01-31T12:00:00Z
    words.replace(10, 1, " ");
    return words.substr(0, 16) + " UTC";
}

Value member(const Line& line, std::string_view name) {
    const Value* value = line.facts.find(name);
    return value != nullptr ? *value : Value();
}

Value member(const Value& object, std::string_view name) {
    const Value* value = object.find(name);
    return value != nullptr ? *value : Value();
}

Lines lines_of(const record::Record& record, std::string_view kind, std::string_view name) {
    Lines lines;
    for (const Line& line : record.lines)
        if (line.kind == kind && line.name == name) lines.push_back(&line);
    return lines;
}

/// The last complete one, else the last.
const Line& best(const Lines& lines) {
    const auto complete = std::ranges::find_if(lines.rbegin(), lines.rend(),
                                               [](const Line* line) { return line->complete; });
    return complete != lines.rend() ? **complete : *lines.back();
}

std::string caches() {
    const auto inside = sys::topology();
    std::string words;
    if (!inside) return words;
    for (const sys::Cache& cache : inside->caches) {
        const bool large = cache.bytes >= 1 << 20;
        words += fmt::format("{}{} x {:g} {} L{}", words.empty() ? "" : ", ", cache.number,
                             double(cache.bytes) / (large ? 1 << 20 : 1 << 10),
                             large ? "MiB" : "KiB", cache.level);
    }
    return words;
}

/// The machine of the last run, which may be another than the one of the first.
void add_machine(Html& html, const record::Record& record) {
    html.section("The machine");
    Value machine;
    for (const Line& line : record.lines)
        if (Value found = member(line, "machine"); !found.is_null()) machine = std::move(found);
    std::vector<std::pair<std::string, std::string>> facts;
    for (const auto& [key, name] : {std::pair{"cpu", "processor"},
                                    {"cpus", "CPUs"},
                                    {"usable", "CPUs you may use"},
                                    {"system", "system"},
                                    {"architecture", "architecture"},
                                    {"compiler", "compiler"},
                                    {"build", "kind of build"},
                                    {"version", "mpworkshop"}})
        if (const std::string text = exact(member(machine, key)); !text.empty())
            facts.emplace_back(name, text);
    if (const std::string text = caches(); !text.empty()) facts.emplace_back("caches", text);
    html.facts(facts);
    if (member(machine, "build").text() == "Debug")
        html.paragraph("This is a debug build: its timings tell little.");
}

std::string others_in(const Line& line) {
    const Value others = member(line, "other_programs");
    const auto used = member(others, "cpus_used").number(), of = member(others, "of_cpus").number();
    return used && of
               ? fmt::format("Other programs used {:.1f} of the {:g} CPUs meanwhile.", *used, *of)
               : "";
}

HtmlTable earlier_runs(const Lines& lines) {
    HtmlTable table{.caption = fmt::format(
                        "The last {}", text::counted(std::min(lines.size(), most_earlier), "run")),
                    .columns = {"when", "finished", "total in seconds", "what it showed"}};
    for (std::size_t i = lines.size(); i-- > 0 && table.rows.size() < most_earlier;) {
        const Line& line = *lines[i];
        std::string total, words(member(line, "meaning").text());
        for (const Value& timing : member(line, "timings").list())
            if (member(timing, "name").text() == "total") total = exact(member(timing, "wall_s"));
        for (const char* key : {"verdict", "sentence"})
            if (words.empty()) words = std::string(member(member(line, "result"), key).text());
        table.rows.push_back({shown(line.time), line.complete ? "yes" : "no", std::move(total),
                              text::printable(words, 160)});
    }
    return table;
}

void add_run(Html& html, const Command& command, const Lines& lines) {
    const Line& line = best(lines);
    html.section(command.name);
    std::string summary = command.summary;
    if (summary.front() >= 'a' && summary.front() <= 'z') summary.front() -= 'a' - 'A';
    html.paragraph(summary + ".");
    std::vector<std::pair<std::string, std::string>> facts = {{"run", shown(line.time)}};
    // An earlier version did not record it.
    if (const Value words = member(line, "command"); !words.text().empty())
        facts.emplace_back("command", plain_invocation(std::string(words.text())));
    facts.emplace_back("finished", line.complete ? "yes" : "no, it was interrupted or failed");
    html.facts(facts);
    if (const auto prediction = prediction_of(line); prediction && !prediction->words.empty())
        html.paragraph(prediction->question + " " + prediction->words);
    html.paragraph(member(line, "meaning").text());
    const Value result = member(line, "result");
    // The verdict of time is one word, which its sentence explains.
    if (command.name != std::string_view("time")) html.paragraph(member(result, "verdict").text());
    for (const char* key : {"break_even", "sentence"}) html.paragraph(member(result, key).text());
    for (const Value& caution : member(result, "cautions").list())
        html.paragraph("Note: " + std::string(caution.text()));
    html.paragraph(others_in(line));
    for (const Figure& figure : figures_of(line, fmt::format("p-{}", command.name)))
        html.figure(figure.svg, figure.numbers);
    if (const HtmlTable numbers = numbers_of(line); !numbers.rows.empty())
        html.hidden_table("All numbers of this run of " + std::string(command.name), numbers);
    if (lines.size() > 1)
        html.hidden_table(fmt::format("All {} runs of {}", lines.size(), command.name),
                          earlier_runs(lines));
}

void add_predictions(Html& html, const record::Record& record) {
    std::vector<Prediction> predictions;
    for (const Line& line : record.lines)
        if (auto prediction = prediction_of(line)) predictions.push_back(std::move(*prediction));
    if (predictions.empty()) return;
    if (predictions.size() > 50) predictions.erase(predictions.begin(), predictions.end() - 50);
    html.section("Predictions");
    add_figures(html, figures_of(predictions, "p-predictions"));
}

/// What `check` said last of each task in each language, and the learner's own code.
void add_tasks(Html& html, const record::Record& record) {
    std::map<std::string, const Line*> last;
    for (const Line& line : record.lines) {
        if (line.kind != "check") continue;
        std::string heading = line.name;
        if (const Value language = member(line, "language"); !language.text().empty())
            heading += ", " + std::string(language.text());
        if (last.contains(heading) || last.size() < most_tasks) last[heading] = &line;
    }
    if (last.empty()) return;
    html.section("Practice");
    for (const auto& [heading, line] : last) {
        const Value passed = member(*line, "passed");
        const bool* truth = std::get_if<bool>(&passed.data());
        html.heading(heading);
        html.facts({{"checked", shown(line->time)},
                    {"done", truth == nullptr ? "unknown"
                             : *truth         ? "yes"
                                              : "not yet"}});
        std::vector<std::string> findings;
        for (const Value& each : member(*line, "findings").list()) {
            std::string words(each.text());
            for (const char* key : {"name", "verdict", "sentence", "finding"})
                if (const std::string part = exact(member(each, key)); !part.empty())
                    words += (words.empty() ? "" : ": ") + part;
            if (!words.empty()) findings.push_back(std::move(words));
        }
        html.list(findings);
        if (const Value code = member(*line, "code"); !code.text().empty()) html.code(code.text());
    }
}

} // namespace

std::string run_page(const record::Record& record) {
    Html html("Parallel programming: what ran here");
    html.paragraph(fmt::format("Written {}. {}{}", shown(curriculum::now()),
                               text::counted(record.lines.size(), "line") + " in the record",
                               record.broken > 0 ? fmt::format("; {} cannot be read and left out.",
                                                               text::counted(record.broken, "line"))
                                                 : "."));
    add_machine(html, record);
    add_predictions(html, record);
    bool any = false;
    for (const Command* command : all_commands()) {
        const Lines lines = lines_of(record, "run", command->name);
        if (lines.empty() || command->kind == Kind::helper) continue;
        add_run(html, *command, lines);
        any = true;
    }
    add_tasks(html, record);
    if (!any) {
        html.section("The runs");
        html.paragraph(
            fmt::format("Nothing ran here yet. Begin with {}.", plain_invocation("next")));
    }
    return html.finished();
}

} // namespace mpworkshop::page
