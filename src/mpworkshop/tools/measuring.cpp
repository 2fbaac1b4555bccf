#include "mpworkshop/tools/measuring.hpp"

#include <fmt/format.h>

#include "mpworkshop/error.hpp"
#include "mpworkshop/report/json.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/output_file.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text.hpp"

namespace mpworkshop::tools {
namespace {

Value samples_of(const Measured& measured) {
    Value::List samples;
    for (const Sample& each : measured.samples)
        samples.push_back(Value::object(
            {{"wall_s", each.wall_s}, {"cpu_s", each.cpu_s}, {"work_s", each.work_s}}));
    return Value::object({{"command", measured.command.name},
                          {"workers", measured.command.workers},
                          {"samples", std::move(samples)}});
}

} // namespace

Schedule Measuring::schedule(const Run::Settings& settings) const {
    return {.warm_up = warm_up, .runs = runs, .budget_s = budget_s, .seed = settings.seed};
}

std::string Measuring::describe() const {
    const std::string first =
        warm_up == 0 ? "no warm-up" : text::counted(warm_up, "warm-up") + " each";
    return runs > 0 ? fmt::format("{}, then {} each in turn", first, text::counted(runs, "run"))
                    : fmt::format("{}, then in turn, {:g} s in all", first, budget_s);
}

std::vector<input::Option> with_measuring(std::vector<input::Option> options, Measuring& choice) {
    using namespace input;
    options.push_back(count("--runs", "measured runs of each (default: what the budget allows)",
                            choice.runs, {.most = 1000, .such_as = "10"}));
    options.back().value = [&choice] { return choice.runs == 0 ? Value() : Value(choice.runs); };
    options.push_back(number("--budget", "seconds for all of it; a few runs are made in any case",
                             choice.budget_s, 0, 86'400, "10"));
    options.push_back(count("--warmup", "runs of each that do not count (default: 1)",
                            choice.warm_up, {.least = 0, .most = 1000, .such_as = "1"}));
    options.push_back(file("--csv", "the table for spreadsheets; -: standard output", choice.csv));
    options.push_back(
        file("--markdown", "the table for a page; -: standard output", choice.markdown));
    return options;
}

Screen::Screen(const Run::Settings& settings, const Measuring& choice) : quiet_(settings.quiet) {
    const int documents = int(settings.json) + int(choice.csv == "-") + int(choice.markdown == "-");
    if (documents > 1)
        throw UsageError("--json, --csv - and --markdown - all want standard output; give files "
                         "to all but one");
    document_ = documents > 0;
    for (const std::string& path : {choice.csv, choice.markdown})
        if (!path.empty()) sys::expect_writable(path);
}

void Screen::say(const std::string& words) const {
    if (quiet_) return;
    if (document_) return sys::tell(paragraph(words));
    fmt::print("{}", paragraph(words));
    sys::check_output();
}

void Screen::show(const std::string& lines) const {
    if (!document_) fmt::print("{}", lines);
}

void Screen::add(const std::string& lines) const {
    if (!quiet_) show(lines);
}

void write_documents(const Run::Settings& settings, const Measuring& choice,
                     const report::Table& table, const Series& series, Value facts) {
    if (!choice.csv.empty()) sys::write_all(choice.csv, report::csv(table));
    if (!choice.markdown.empty()) sys::write_all(choice.markdown, report::markdown(table));
    if (!settings.json) return;
    Value::List commands;
    for (const Measured& each : series.commands) commands.push_back(samples_of(each));
    facts.set("seed", settings.seed);
    facts.set("machine", report::machine_facts());
    facts.set("rows", report::as_value(table));
    facts.set("commands", std::move(commands));
    sys::write_all("-", report::json(facts));
}

std::size_t columns() { return sys::text_width(sys::output_terminal()) + 1; }

std::string paragraph(const std::string& words) { return text::paragraph(words, columns() - 1); }

} // namespace mpworkshop::tools
