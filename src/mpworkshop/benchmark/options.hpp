#pragma once

#include <functional>
#include <string>
#include <vector>

#include "mpworkshop/benchmark/runner.hpp"
#include "mpworkshop/kit/command.hpp"
#include "mpworkshop/report/table.hpp"

/// What the tools that measure have in common: how often, and where the results go.
namespace mpworkshop::benchmark {

struct Options {
    std::uint64_t runs = 0; ///< 0: until the budget is spent
    double budget_s = 10;
    std::uint64_t warm_up = 1;
    std::string csv, markdown; ///< files; "-" is standard output, empty is none

    /// `used_s`: what finding out how much work to give has taken of the budget.
    Alternation alternation(const Run::Settings& settings, double used_s) const;
    /// How long a round may take for the budget to have room for some more than an interval takes;
    /// infinite where the number of runs is given.
    double longest_round_s() const;
    /// "1 warm-up each, then in turn until 10 s are over", or "3 runs each in turn".
    std::string describe() const;
};

/// --runs, --budget, --warmup, --csv and --markdown, added to a tool's own options.
std::vector<input::Option> with_options(std::vector<input::Option> options, Options& choice);

/// Where a tool's words go: standard output, or standard error where that is taken by a `-`; with
/// --json the document says it all.
class Screen {
public:
    /// Errors: UsageError where two documents want standard output; std::runtime_error where a file
    /// cannot be written.
    Screen(const Run::Settings& settings, const Options& choice);

    /// Words on the way, wrapped; not with --quiet or --json.
    void say(const std::string& words) const;
    /// Part of the result, as it stands; nowhere where a document takes its place.
    void show(const std::string& lines) const;
    /// A drawing or a comment beside the result: as show(), and not with --quiet.
    void add(const std::string& lines) const;

    bool quiet() const { return quiet_; }

private:
    bool quiet_, json_, document_;
};

/// Writes the documents that were asked for: the table for --csv and --markdown, and for --json
/// `facts`, to which it adds the machine, the rows of the table and, of each command, all samples.
/// Then calls `draw`, for one more. It is for after the screen, which no full disk must cost.
/// Errors: std::runtime_error, of the first document that could not be written, after all others.
void write_documents(
    const Run::Settings& settings, const Options& choice, const report::Table& table,
    const Results& results, Value facts, const std::function<void()>& draw = [] {});

/// The end of a tool that measures: returns for a complete series. Errors: mp::Interrupted, or
/// std::runtime_error with what the failed run said, after all that was printed has arrived.
void expect_complete(const Results& results);

/// Words, wrapped to the terminal on standard output, with a newline at their end.
std::string paragraph(const std::string& words);

/// Of standard output, 40 to 80; the last one stays free.
std::size_t columns();

} // namespace mpworkshop::benchmark
