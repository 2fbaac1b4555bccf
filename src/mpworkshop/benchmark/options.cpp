#include "mpworkshop/benchmark/options.hpp"

#include <fmt/format.h>

#include <cmath>
#include <cstdio>
#include <exception>
#include <mp/mp.hpp>
#include <stdexcept>

#include "mpworkshop/input/error.hpp"
#include "mpworkshop/kit/other_programs.hpp"
#include "mpworkshop/record/record.hpp"
#include "mpworkshop/report/json.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/output_file.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::benchmark {
namespace {

Value samples_of(const Result& result) {
    Value::List samples;
    for (const Sample& each : result.samples)
        samples.push_back(Value::object(
            {{"wall_s", each.wall_s}, {"cpu_s", each.cpu_s}, {"work_s", each.work_s}}));
    return Value::object({{"command", result.command.name},
                          {"workers", result.command.workers},
                          {"samples", std::move(samples)}});
}

/// finish_output() reports errors, after the files have been written.
void print(std::FILE* to, const std::string& lines) {
    std::fwrite(lines.data(), 1, lines.size(), to);
}

} // namespace

Alternation Options::alternation(const Run::Settings& settings, double used_s) const {
    return {.warm_up = warm_up,
            .runs = runs,
            .budget_s = budget_s,
            .used_s = used_s,
            .seed = settings.seed};
}

double Options::longest_round_s() const {
    constexpr double rounds = 10;
    constexpr double for_rounds =
        0.9; // of the budget; the rest is for finding a suitable amount of work
    return runs > 0 ? HUGE_VAL : for_rounds * budget_s / (double(warm_up) + rounds);
}

std::string Options::describe() const {
    const std::string first =
        warm_up == 0 ? "no warm-up" : text::counted(warm_up, "warm-up") + " each";
    if (runs > 0)
        return fmt::format("{}, then {} each, alternately", first, text::counted(runs, "run"));
    return fmt::format("{}, then alternately until {:g} s are over, at most {} each", first,
                       budget_s, text::counted(Alternation().most, "run"));
}

std::vector<input::Option> with_options(std::vector<input::Option> options, Options& choice) {
    using namespace input;
    options.push_back(otherwise(
        count("--runs", "measured runs of each", choice.runs, {.most = 1000, .such_as = "10"}),
        "what the budget allows"));
    options.back().instead_of = {"--budget"};
    options.back().value = [&choice] { return choice.runs == 0 ? Value() : Value(choice.runs); };
    options.push_back(number("--budget", "seconds for all runs together, exceeded by 20 % at most",
                             choice.budget_s, 0.1, 86'400, "10"));
    options.push_back(count("--warmup", "runs of each that do not count", choice.warm_up,
                            {.least = 0, .most = 1000, .such_as = "1"}));
    options.push_back(file("--csv", "the table for spreadsheets; -: standard output", choice.csv));
    options.push_back(
        file("--markdown", "the table for a page; -: standard output", choice.markdown));
    return options;
}

Screen::Screen(const Run::Settings& settings, const Options& choice)
    : quiet_(settings.quiet), json_(settings.json) {
    const int documents = int(settings.json) + int(choice.csv == "-") + int(choice.markdown == "-");
    if (documents > 1)
        throw UsageError("--json, --csv - and --markdown - all write to standard output; give "
                         "files to all but one");
    document_ = documents > 0;
    for (const std::string& path : {choice.csv, choice.markdown})
        if (!path.empty()) sys::expect_writable(path);
}

void Screen::say(const std::string& words) const {
    if (quiet_ || json_) return;
    if (document_) return sys::tell(paragraph(words));
    print(stdout, paragraph(words));
}

void Screen::show(const std::string& lines) const {
    if (!document_) print(stdout, lines);
}

void Screen::add(const std::string& lines) const {
    if (!quiet_) show(lines);
}

void Screen::add(const std::optional<kit::Prediction>& prediction) const {
    if (const std::string words = prediction ? prediction->in_words() : ""; !words.empty())
        add(paragraph(words));
}

void write_documents(std::string_view name, const Run::Settings& settings, const Options& choice,
                     const report::Table& table, const Results& results, Value facts,
                     const std::function<void()>& draw) {
    std::exception_ptr failure;
    const auto attempt = [&](const std::function<void()>& one) {
        try {
            one();
        } catch (const std::runtime_error&) {
            if (!failure) failure = std::current_exception();
        }
    };
    const auto write = [&](const std::string& path, const std::string& document) {
        attempt([&] { sys::write_all(path, document); });
    };
    Value recorded = facts;
    recorded.set("rows", report::as_value(table));
    if (settings.json) {
        Value::List commands;
        for (const Result& each : results.commands) commands.push_back(samples_of(each));
        facts.set("failure", results.failure.empty() ? Value() : Value(results.failure));
        facts.set("seed", settings.seed);
        facts.set("machine", report::machine_facts());
        facts.set("rows", report::as_value(table));
        facts.set("commands", std::move(commands));
        write("-", report::json(facts));
    }
    if (!choice.csv.empty()) write(choice.csv, report::csv(table));
    if (!choice.markdown.empty()) write(choice.markdown, report::markdown(table));
    attempt(draw);
    Value line = Value::object({{"other_programs", kit::value_of(results.others)}});
    Value result = Value(Value::Object{});
    for (const auto& [key, value] : std::get<Value::Object>(recorded.data()))
        (key == "prediction" ? line : result).set(key, value); // as every run has it
    line.set("result", std::move(result));
    record::append({.name = name, .complete = results.complete, .facts = std::move(line)},
                   settings);
    if (failure) std::rethrow_exception(failure);
}

void expect_complete(const Results& results) {
    if (results.complete) return;
    sys::finish_output();
    if (!results.failure.empty()) throw std::runtime_error(results.failure);
    throw mp::Interrupted();
}

std::size_t columns() { return sys::text_width(sys::output_terminal()) + 1; }

std::string paragraph(const std::string& words) { return text::paragraph(words, columns() - 1); }

} // namespace mpworkshop::benchmark
