#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mpworkshop/benchmark/runner.hpp"
#include "mpworkshop/kit/command.hpp"
#include "mpworkshop/report/table.hpp"

/// The options that all measuring tools have: how often, and where the results go.
namespace mpworkshop::benchmark {

struct Options {
    std::uint64_t runs = 0; ///< 0: until the budget is spent
    double budget_s = 10;
    std::uint64_t warm_up = 1;
    std::string csv, markdown; ///< files; "-" is standard output, empty is none

    /// `used_s`: the part of the budget spent on finding a suitable amount of work.
    Alternation alternation(const Run::Settings& settings, double used_s) const;
    /// The longest round for which the budget allows more rounds than an interval needs; infinite
    /// if the number of runs is given.
    double longest_round_s() const;
    /// "1 warm-up each, then alternately until 10 s are over", or "3 runs each, alternately".
    std::string describe() const;
};

/// --runs, --budget, --warmup, --csv and --markdown, added to a tool's own options.
std::vector<input::Option> with_options(std::vector<input::Option> options, Options& choice);

/// Where a tool's messages go: standard output, or standard error if a `-` uses standard output;
/// with --json, nowhere.
class Screen {
public:
    /// Errors: UsageError if two documents would go to standard output; std::runtime_error if a
    /// file cannot be written.
    Screen(const Run::Settings& settings, const Options& choice);

    /// Progress messages, wrapped; not with --quiet or --json.
    void say(const std::string& words) const;
    /// Part of the result, unchanged; omitted if a document takes its place.
    void show(const std::string& lines) const;
    /// A drawing or a comment on the result: as show(), and not with --quiet.
    void add(const std::string& lines) const;

    /// What was said before and what came of it, as add().
    void add(const std::optional<kit::Prediction>& prediction) const;

    bool quiet() const { return quiet_; }

private:
    bool quiet_, json_, document_;
};

/// Writes the documents that were asked for: the table for --csv and --markdown, and for --json
/// `facts`, to which it adds the machine, the rows of the table and, of each command, all samples.
/// Then calls `draw`, for one more, and adds a line for the subcommand `name` to the record:
/// `facts` and the rows. It is for after the screen, which no full disk must cost. Errors:
/// std::runtime_error, of the first document that could not be written, after all others.
void write_documents(
    std::string_view name, const Run::Settings& settings, const Options& choice,
    const report::Table& table, const Results& results, Value facts,
    const std::function<void()>& draw = [] {});

/// The end of a measuring tool: returns if the series is complete. Errors: mp::Interrupted, or
/// std::runtime_error with the message of the failed run, after all output has arrived.
void expect_complete(const Results& results);

/// Words, wrapped to the terminal on standard output, with a newline at the end.
std::string paragraph(const std::string& words);

/// The width of standard output, 40 to 80; the last column stays free.
std::size_t columns();

} // namespace mpworkshop::benchmark
