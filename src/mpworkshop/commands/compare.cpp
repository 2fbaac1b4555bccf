// compare: times complete commands against each other, each in a separate process, like a
// stopwatch.

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <mp/mp.hpp>

#include "mpworkshop/benchmark/options.hpp"
#include "mpworkshop/benchmark/verdict.hpp"
#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/input/shell_words.hpp"
#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/other_programs.hpp"
#include "mpworkshop/kit/python.hpp"
#include "mpworkshop/kit/stats.hpp"
#include "mpworkshop/report/bars.hpp"
#include "mpworkshop/sys/command.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::commands {
namespace {

constexpr const char* usage =
    "compare takes pi, or two runs, each in quotes; see mpworkshop compare --help";

constexpr std::uint64_t python_part = 100; // Python takes some hundred times as long for a step

struct CompareOptions {
    std::vector<std::string> what;
    input::PoolChoice pool;
    bool python = false;
    kit::PredictionChoice prediction = {.question = "How many times as fast as A is B?"};
    benchmark::Options benchmark_options;
};

/// What is compared: each command with its baseline.
struct Comparison {
    std::vector<benchmark::TimedCommand> commands;
    std::vector<std::size_t> baseline; ///< the first of a pair is its own baseline
    std::uint64_t steps = 0;           ///< of pi; 0 for any two runs
    std::string python = {};           ///< its version, if it takes part
};

char label_of(std::size_t index) { return static_cast<char>('A' + index); }

/// Empty, with a message, if there is no Python.
std::string version_of_python(const benchmark::Screen& screen) {
    try {
        const sys::Ended ended = sys::run_command({"python3", "--version"});
        if (ended.status == 0) return text::printable(ended.out.substr(0, ended.out.find('\n')));
    } catch (const std::system_error&) {
    }
    screen.say("Python is left out: there is no python3 here. Install it (apt install python3) to "
               "include it.");
    return {};
}

std::uint64_t steps_of_python(const Comparison& comparison) {
    return std::max<std::uint64_t>(1, comparison.steps / python_part);
}

void add_python(Comparison& comparison, unsigned workers) {
    const std::uint64_t steps = steps_of_python(comparison);
    const auto add = [&](const char* lesson, unsigned processes, const std::string& arguments) {
        const kit::TwinRun twin = {.lesson = lesson, .workers = processes, .size = steps};
        comparison.commands.push_back({fmt::format("python3 {}.py {}", lesson, arguments),
                                       kit::twin_command(twin), processes});
        comparison.baseline.push_back(2);
    };
    const std::string compact = text::compact(steps);
    add("pi_serial", 1, compact);
    add("pi_parallel", workers, fmt::format("{} {}", compact, workers));
}

/// How long the serial way may take: a second, or less if the budget would not allow enough pairs
/// of it. `at_once`: how many times as fast the parallel way is at best. Python's pair takes about
/// as long.
double serial_seconds(const CompareOptions& o, double at_once) {
    const double round = (1 + 1 / at_once) * (o.python ? 2 : 1);
    return std::min(1.0, o.benchmark_options.longest_round_s() / round);
}

Comparison of_pi(const CompareOptions& o, const Run::Settings& settings,
                 const benchmark::Screen& screen) {
    if (o.what.size() > 2)
        throw UsageError(fmt::format("compare: {} is one argument too many; see mpworkshop compare "
                                     "--help",
                                     text::quoted(o.what[2])));
    Comparison pi;
    if (o.what.size() == 2)
        pi.steps = input::read_count("STEPS", o.what[1], {.such_as = "1e9"});
    else {
        const double seconds =
            serial_seconds(o, std::min(o.pool.workers(), mp::process_cpu_count()));
        screen.say(fmt::format("A short run finds how many steps take one process about {}.",
                               text::duration(seconds)));
        pi.steps = benchmark::steps_for(seconds, benchmark::seconds_per_step(settings.seed));
    }
    const std::string steps = text::compact(pi.steps);
    std::string parallel = fmt::format("pi-parallel {} -p {}", steps, o.pool.workers());
    if (o.pool.backend != "processes") parallel += " --backend " + o.pool.backend;
    pi.commands = {benchmark::exercise_command("pi-serial " + steps, settings.seed),
                   benchmark::exercise_command(parallel, settings.seed)};
    pi.baseline = {0, 0};
    if (o.python && !(pi.python = version_of_python(screen)).empty())
        add_python(pi, o.pool.workers());
    return pi;
}

bool chooses_workers(const CompareOptions& o) {
    return o.pool.processes != 0 || o.pool.backend != "processes";
}

/// An exercise that does its work in two ways, which --only selects.
struct Ways {
    std::string_view exercise;
    const char *serial, *parallel;
    bool has_pool; ///< else its tasks wait, for as long as --seconds says
};

constexpr Ways all_ways[] = {{"map", "loop", "pool", true},
                             {"starmap", "loop", "pool", true},
                             {"threads-io", "loop", "threads", false}};

/// The run as it was typed; if its tasks wait for as long as they do by default, with waits that
/// the budget allows often enough.
std::string fitting(const CompareOptions& o, const Ways& ways, const benchmark::Screen& screen) {
    const std::string& typed = o.what.front();
    if (ways.has_pool || benchmark::gives_option(typed, "--seconds")) return typed;
    const Value given = benchmark::option_value(typed, "tasks");
    const double tasks = given.number().value_or(1);
    const double seconds = benchmark::rounded_wait_s(serial_seconds(o, tasks) / tasks);
    screen.say(fmt::format("Each task waits {}, so that there is time for enough runs; choose with "
                           "compare \"{} --seconds 2\".",
                           text::duration(seconds), typed));
    return fmt::format("{} --seconds {:g}", typed, seconds);
}

/// The ways of a run such as "map --count 1e6"; null if its exercise has none.
const Ways* ways_of(const std::string& typed) {
    const std::vector<std::string> words = input::shell_words(typed);
    const auto* found =
        std::ranges::find(all_ways, words.empty() ? "" : words.front(), &Ways::exercise);
    return found == std::end(all_ways) ? nullptr : found;
}

/// The serial way of an exercise, and the parallel one.
Comparison of_ways(const CompareOptions& o, const Ways& ways, std::uint64_t seed,
                   const benchmark::Screen& screen) {
    if (!ways.has_pool && chooses_workers(o))
        throw UsageError(
            fmt::format("{} has no pool; leave --processes and --backend out", ways.exercise));
    const std::string typed = fitting(o, ways, screen);
    std::string workers;
    if (ways.has_pool) workers = fmt::format(" -p {}", o.pool.workers());
    if (o.pool.backend != "processes") workers += " --backend " + o.pool.backend;
    Comparison pair;
    const auto add = [&](std::size_t baseline, const char* way, const std::string& more) {
        pair.commands.push_back(
            benchmark::exercise_command(fmt::format("{} --only {}{}", typed, way, more), seed));
        pair.baseline.push_back(baseline);
    };
    add(0, ways.serial, "");
    add(0, ways.parallel, workers);
    if (!o.python || (pair.python = version_of_python(screen)).empty()) return pair;
    add(2, ways.serial, " --python");
    add(2, ways.parallel, workers + " --python");
    return pair;
}

Comparison of_two(const CompareOptions& o, std::uint64_t seed) {
    if (o.what.size() != 2) throw UsageError(usage);
    if (o.python)
        throw UsageError("--python is for pi, map, starmap, or threads-io; write compare pi "
                         "--python");
    if (chooses_workers(o))
        throw UsageError(
            "--processes and --backend are for compare pi and the like; write them into the runs, "
            "such as 'map -p 4'");
    return {{benchmark::exercise_command(o.what[0], seed),
             benchmark::exercise_command(o.what[1], seed)},
            {0, 0}};
}

/// What was requested.
Comparison comparison_of(const CompareOptions& o, const Run::Settings& settings,
                         const benchmark::Screen& screen) {
    if (o.what.front() == "pi") return of_pi(o, settings, screen);
    const Ways* ways = o.what.size() == 1 ? ways_of(o.what.front()) : nullptr;
    return ways != nullptr ? of_ways(o, *ways, settings.seed, screen) : of_two(o, settings.seed);
}

void announce(const Comparison& comparison, const CompareOptions& o,
              const benchmark::Screen& screen) {
    screen.say(fmt::format("Whole commands: {}.", o.benchmark_options.describe()));
    for (std::size_t i = 0; i < comparison.commands.size(); ++i)
        screen.say(fmt::format("{}: {}", label_of(i), comparison.commands[i].name));
    if (comparison.commands.size() > 2 && comparison.steps > 0)
        screen.say(fmt::format("Python does a hundredth of the steps: {} of {}.",
                               text::compact(steps_of_python(comparison)),
                               text::compact(comparison.steps)));
}

/// Remarks on one command and its baseline; all empty for a baseline.
struct Against {
    std::optional<stats::Speedup> whole = {}, work = {};
    std::optional<double> efficiency = {}, karp_flatt = {};
};

Against against(const benchmark::Result& base, const benchmark::Result& each, unsigned usable) {
    Against found = {.whole = stats::speedup(base.wall(), each.wall()),
                     .work = stats::speedup(base.work(), each.work())};
    const stats::Workers workers = {each.command.workers, usable};
    if (!found.whole || base.command.workers != 1 || workers.count < 2) return found;
    found.efficiency = stats::efficiency(*found.whole, workers);
    found.karp_flatt = stats::karp_flatt(*found.whole, workers);
    return found;
}

report::Table table_of(const Comparison& comparison, const benchmark::Results& results,
                       unsigned usable) {
    using report::Unit;
    report::Table table{.columns = {{"run", ""},
                                    {"command", "command"},
                                    {"workers", "workers"},
                                    {"runs", "runs"},
                                    {"median_s", "median", Unit::seconds},
                                    {"mad_s", "MAD", Unit::seconds},
                                    {"min_s", "min", Unit::seconds},
                                    {"max_s", "max", Unit::seconds},
                                    {"cpu_s", "CPU", Unit::seconds},
                                    {"cpus_busy", "CPUs busy", Unit::ratio},
                                    {"work_s", "work", Unit::seconds},
                                    {"against", "against"},
                                    {"speedup", "speedup", Unit::ratio},
                                    {"speedup_low", "from", Unit::ratio},
                                    {"speedup_high", "to", Unit::ratio},
                                    {"work_speedup", "of the work", Unit::ratio},
                                    {"efficiency", "efficiency", Unit::share},
                                    {"karp_flatt", "Karp-Flatt", Unit::share},
                                    {"ready_s", "ready", Unit::seconds}}};
    for (std::size_t i = 0; i < results.commands.size(); ++i) {
        const benchmark::Result& each = results.commands[i];
        const std::size_t base = comparison.baseline[i];
        const Against found = base == i ? Against{} : against(results.commands[base], each, usable);
        const auto interval = found.whole ? found.whole->interval : std::nullopt;
        const stats::Summary wall = stats::summary(each.wall());
        const auto maybe = [](bool there, double value) { return there ? Value(value) : Value(); };
        const bool any = wall.count > 0;
        const auto work = each.work(), ready = each.ready();
        const unsigned workers = each.command.workers;
        table.rows.push_back(
            {std::string(1, label_of(i)), each.command.name, workers > 0 ? Value(workers) : Value(),
             wall.count, maybe(any, wall.median), maybe(wall.count > 1, wall.mad),
             maybe(any, wall.min), maybe(any, wall.max), maybe(any, stats::median(each.cpu())),
             maybe(any, stats::median(each.busy())), maybe(!work.empty(), stats::median(work)),
             base == i ? Value() : Value(std::string(1, label_of(base))),
             found.whole ? Value(found.whole->ratio) : Value(),
             interval ? Value(interval->low) : Value(), interval ? Value(interval->high) : Value(),
             found.work ? Value(found.work->ratio) : Value(), found.efficiency, found.karp_flatt,
             maybe(!ready.empty(), stats::median(ready))});
    }
    return table;
}

/// The rows that have a baseline.
report::Table without_baselines(report::Table table, const Comparison& comparison) {
    for (std::size_t i = table.rows.size(); i-- > 0;)
        if (comparison.baseline[i] == i) table.rows.erase(table.rows.begin() + std::ptrdiff_t(i));
    return table;
}

std::string bars_of(const benchmark::Results& results) {
    std::vector<report::Bar> bars;
    for (std::size_t i = 0; i < results.commands.size(); ++i) {
        const stats::Summary wall = stats::summary(results.commands[i].wall());
        if (wall.count > 0)
            bars.push_back({std::string(1, label_of(i)), wall.median, text::duration(wall.median)});
    }
    sys::Terminal terminal = sys::output_terminal();
    terminal.width = static_cast<unsigned>(benchmark::columns());
    return report::bars(bars, terminal);
}

std::string verdicts(const Comparison& comparison, const benchmark::Results& results,
                     const Conditions& where) {
    const auto wall = [&](std::size_t i) { return results.commands[i].wall(); };
    std::string words = verdict("A", "B", stats::speedup(wall(0), wall(1)), where);
    if (results.commands.size() < 4 || wall(0).empty() || wall(3).empty()) return words;
    words += " In Python: " + verdict("C", "D", stats::speedup(wall(2), wall(3)), where);
    if (comparison.steps == 0) return words;
    const double part = double(steps_of_python(comparison)) / double(comparison.steps);
    return words + python_verdict(results.commands[0], results.commands[2], part);
}

int run_compare(const CompareOptions& o, const Run::Settings& settings) {
    const benchmark::Screen screen(settings, o.benchmark_options);
    if (o.what.empty()) throw UsageError(usage);
    kit::expect_answer_or_terminal("compare", o.prediction);
    const double begin = kit::clock_s();
    Conditions where = conditions();
    const Comparison comparison = comparison_of(o, settings, screen);
    announce(comparison, o, screen);
    const double used_s = kit::clock_s() - begin;
    std::optional<kit::Prediction> prediction = kit::ask_for_prediction("compare", o.prediction);
    const benchmark::Alternation alternation = o.benchmark_options.alternation(settings, used_s);
    const benchmark::Results results =
        benchmark::run_benchmark(comparison.commands, alternation,
                                 settings.quiet ? benchmark::Bar::hidden : benchmark::Bar::shown);
    where.others = results.others;
    const report::Table table = table_of(comparison, results, where.usable);

    const std::string words = verdicts(comparison, results, where);
    compare_with_prediction(
        prediction, stats::speedup(results.commands[0].wall(), results.commands[1].wall()), where);
    const std::vector<std::string> doubts = all_cautions(results, alternation, where);
    Value facts =
        Value::object({{"schema", "mpworkshop-compare-1"},
                       {"partial", !results.complete},
                       {"verdict", words},
                       {"cautions", Value::List(doubts.begin(), doubts.end())},
                       {"load_average", where.load},
                       {"other_programs", kit::value_of(where.others)},
                       {"prediction", prediction ? prediction->value() : Value()},
                       {"python", comparison.python.empty() ? Value() : Value(comparison.python)}});
    screen.add("\n");
    screen.show(report::text(table.only({"run", "runs", "median_s", "mad_s", "min_s", "max_s",
                                         "cpu_s", "cpus_busy", "ready_s", "work_s"}),
                             benchmark::columns()));
    screen.add("\n");
    screen.show(report::text(without_baselines(table, comparison)
                                 .only({"run", "against", "speedup", "speedup_low", "speedup_high",
                                        "work_speedup", "efficiency", "karp_flatt"}),
                             benchmark::columns()));
    screen.add("\n" + bars_of(results) + "\n");
    for (const std::string& doubt : doubts) screen.add(benchmark::paragraph("Note: " + doubt));
    if (!words.empty()) screen.show(benchmark::paragraph(words));
    screen.add(prediction);
    if (results.complete) screen.add(example("Next: ", curriculum::after("compare")));
    screen.show(results.why_partial());
    benchmark::write_documents("compare", settings, o.benchmark_options, table, results,
                               std::move(facts));
    expect_complete(results);
    return 0;
}

Plan plan_compare() {
    auto o = std::make_shared<CompareOptions>();
    std::vector<input::Option> options = {input::words(
        "WHAT", "pi [STEPS], map, starmap, threads-io, or two runs, each in quotes", o->what)};
    options = input::with_workers(std::move(options), o->pool);
    options.push_back(input::flag(
        "--python", "also compares the Python programs; pi with 1/100 of the steps", o->python));
    options = kit::with_prediction(std::move(options), o->prediction);
    return {.options = benchmark::with_options(std::move(options), o->benchmark_options),
            .run = [o](const Run::Settings& settings) { return run_compare(*o, settings); }};
}

} // namespace

const Command compare = {
    .kind = Kind::benchmark,
    .name = "compare",
    .summary = "times the serial and the parallel program, or any two runs, alternately",
    .about =
        "Runs whole commands, each in a separate process: a warm-up, then alternately until "
        "the budget is spent. Shows the medians, the scatter of the times, the speedup in "
        "pairs of runs with its 95 % interval, and the share of the work in the time. Without "
        "STEPS, the serial sum of pi takes as long as --budget allows for ten pairs of runs, "
        "at most a second. Without --seconds, the same is true of the loop of "
        "threads-io.\n\nmap, starmap and threads-io compare their loop with their pool or "
        "threads, with options as well: mpworkshop compare \"map --count 1e6\"\n\nAny two runs: "
        "mpworkshop compare \"map --count 1e6\" \"map --count 1e6 -p 4\"",
    .example = "compare pi",
    .plan = plan_compare,
};

} // namespace mpworkshop::commands
