// scale: pi with more and more workers, compared with the serial program.

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <mp/mp.hpp>
#include <stdexcept>

#include "mpworkshop/benchmark/options.hpp"
#include "mpworkshop/benchmark/scaling.hpp"
#include "mpworkshop/benchmark/verdict.hpp"
#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/input/shell_words.hpp"
#include "mpworkshop/kit/elapsed.hpp"
#include "mpworkshop/kit/other_programs.hpp"
#include "mpworkshop/report/picture_file.hpp"
#include "mpworkshop/sys/command.hpp"
#include "mpworkshop/sys/machine.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/output_file.hpp"
#include "mpworkshop/sys/search_path.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::commands {
namespace {

struct ScaleOptions {
    std::vector<std::string> what;
    std::vector<std::uint64_t> workers;
    bool weak = false;
    std::string backend = "processes";
    std::string launcher = "mpirun --oversubscribe -n"; // rank 0 is parked: it needs no CPU
    std::string picture;
    kit::PredictionChoice prediction = {};

    bool over_ranks() const { return backend == "mpi"; }
    benchmark::Options benchmark_options;
};

/// A whole number from the environment; 0: none.
unsigned from_environment(const char* name) {
    const char* text = std::getenv(name);
    return text != nullptr ? unsigned(std::strtoul(text, nullptr, 10)) : 0;
}

/// How many workers have a CPU each: in a Slurm job, all ranks except rank 0.
unsigned usable_for(const ScaleOptions& o) {
    const unsigned ranks = from_environment("SLURM_NTASKS");
    return o.over_ranks() && ranks > 1 ? ranks - 1 : mp::process_cpu_count();
}

/// 1, 2, 4, ... up to `most`.
std::vector<std::uint64_t> doubling(std::uint64_t most) {
    std::vector<std::uint64_t> workers;
    for (std::uint64_t p = 1; p <= most; p *= 2) workers.push_back(p);
    return workers;
}

/// The most that have a CPU each, or the fewest.
std::uint64_t workers_to_predict(const std::vector<std::uint64_t>& sorted, unsigned usable) {
    const auto beyond = std::ranges::upper_bound(sorted, std::uint64_t{usable});
    return beyond == sorted.begin() ? sorted.front() : *std::prev(beyond);
}

input::Option worker_counts(std::vector<std::uint64_t>& target) {
    input::Option option{.name = "-p,--processes",
                         .takes = "N,N,...",
                         .help = "workers",
                         .otherwise = "1,2,4 up to twice the CPUs you may use"};
    option.read = [&target](const std::vector<std::string>& given) {
        target.clear();
        const std::string& all = given.back();
        for (std::size_t begin = 0; begin <= all.size();) {
            const std::size_t end = std::min(all.find(',', begin), all.size());
            target.push_back(input::read_count("--processes", all.substr(begin, end - begin),
                                               {.most = 100'000, .such_as = "1,2,4"}));
            begin = end + 1;
        }
        std::ranges::sort(target);
        const auto twice = std::ranges::unique(target);
        target.erase(twice.begin(), twice.end());
    };
    option.value = [&target] { return Value(Value::List(target.begin(), target.end())); };
    return option;
}

input::Option launcher(ScaleOptions& o) {
    input::Option option = input::word(
        "--launcher", "WORDS", "for --backend mpi, the command that starts ranks", o.launcher);
    option.otherwise = "'mpirun --oversubscribe -n'";
    option.useful = [&o] { return o.over_ranks(); };
    option.useful_with = "--backend mpi";
    return option;
}

/// For the screen: a note is a star beside the number of workers, to save space.
report::Table starred(report::Table table, Scaling kind) {
    for (auto& row : table.rows)
        if (!report::shown(row.back(), report::Unit::none).empty())
            row.front() = report::shown(row.front(), report::Unit::none) + " *";
    return table.only({"workers", "median_s", "mad_s", "speedup", "ideal", "efficiency",
                       kind == Scaling::weak ? "gustafson" : "karp_flatt"});
}

/// The serial program, then each number of workers.
std::vector<benchmark::TimedCommand> commands_of(const ScalingRun& run, const ScaleOptions& o,
                                                 std::uint64_t seed) {
    std::vector<benchmark::TimedCommand> commands = {
        benchmark::exercise_command("pi-serial " + text::compact(run.steps), seed)};
    for (const std::uint64_t workers : o.workers) {
        std::string typed = "pi-parallel " + text::compact(run.steps_of(unsigned(workers)));
        if (!o.over_ranks()) typed += fmt::format(" -p {}", workers);
        if (o.backend != "processes") typed += " --backend " + o.backend;
        benchmark::TimedCommand& command =
            commands.emplace_back(benchmark::exercise_command(typed, seed));
        command.workers = unsigned(workers);
        if (!o.over_ranks()) continue;
        std::vector<std::string> words = input::shell_words(o.launcher);
        words.push_back(std::to_string(workers + 1)); // rank 0 hands out the work
        command.name = fmt::format("{} mpworkshop {}", fmt::join(words, " "), typed);
        command.words.front() = sys::path_of_this_program();
        command.words.insert(command.words.begin(), words.begin(), words.end());
    }
    return commands;
}

/// How long the serial program may take: a second, half a second for weak scaling, or less if the
/// budget would not allow enough rounds.
double serial_seconds(const ScaleOptions& o) {
    const double usable = usable_for(o);
    double round = 1; // the duration of a round, in units of the serial program's time
    for (const std::uint64_t workers : o.workers)
        round += o.weak ? std::max(1.0, double(workers) / usable)
                        : 1 / std::min(double(workers), usable);
    return std::min(o.weak ? 0.5 : 1.0, o.benchmark_options.longest_round_s() / round);
}

std::uint64_t steps_for_this(const ScaleOptions& o, const Run::Settings& settings,
                             const benchmark::Screen& screen) {
    if (o.what.size() == 2) {
        const std::uint64_t most =
            o.weak ? input::largest_whole / o.workers.back() : input::largest_whole;
        return input::read_count("STEPS", o.what[1], {.most = most, .such_as = "1e9"});
    }
    const double seconds = serial_seconds(o);
    screen.say(fmt::format("A short run finds how many steps take one process about {}.",
                           text::duration(seconds)));
    return benchmark::steps_for(seconds, benchmark::seconds_per_step(settings.seed));
}

void expect_launcher(const std::string& launcher) {
    const std::vector<std::string> words = input::shell_words(launcher);
    if (words.empty())
        throw UsageError("--launcher: no command; give what stands before the number of ranks, "
                         "such as 'mpirun -n'");
    if (words.front().find('/') == std::string::npos && sys::find_program(words.front()).empty())
        throw std::runtime_error(fmt::format(
            "there is no {} to start ranks; install MPI (on Debian: apt-get install openmpi-bin), "
            "or name another with --launcher",
            text::printable(words.front(), 100)));
}

void check(const ScaleOptions& o) {
    if (o.what.empty() || o.what.front() != "pi")
        throw UsageError(fmt::format("scale takes pi{}; write scale pi",
                                     o.what.empty() ? "" : ", not " + text::quoted(o.what[0])));
    if (o.what.size() > 2)
        throw UsageError(fmt::format("scale: {} is one argument too many; see mpworkshop scale "
                                     "--help",
                                     text::quoted(o.what[2])));
    if (o.over_ranks() && (std::getenv("OMPI_COMM_WORLD_SIZE") || std::getenv("PMIX_RANK")))
        throw UsageError("scale starts the ranks itself, more and more of them; run it without "
                         "mpirun or srun");
    // A wrong name is reported before a missing program: installing the program would not correct
    // it.
    if (!o.picture.empty()) {
        report::expect_picture_name(o.picture);
        sys::expect_writable(o.picture);
    }
    if (o.over_ranks()) expect_launcher(o.launcher);
    if (!o.picture.empty()) report::expect_converter(o.picture);
}

int run_scale(const ScaleOptions& given, const Run::Settings& settings) {
    ScaleOptions o = given;
    const benchmark::Screen screen(settings, o.benchmark_options);
    const unsigned usable = usable_for(o);
    if (o.workers.empty()) o.workers = doubling(o.over_ranks() ? usable : 2 * usable);
    check(o);
    kit::expect_answer_or_terminal("scale", o.prediction);
    const double begin = kit::clock_s();
    Conditions where = conditions();
    ScalingRun scaling{.kind = o.weak ? Scaling::weak : Scaling::strong, .usable = usable};
    scaling.steps = steps_for_this(o, settings, screen);

    const char* what = o.backend == "threads" ? "thread" : o.over_ranks() ? "worker" : "process";
    const char* several = o.backend == "threads" ? "threads"
                          : o.over_ranks()       ? "ranks"
                                                 : "processes";
    screen.say(o.weak ? fmt::format("Weak scaling: {} steps for each {}, more work for more of "
                                    "them.",
                                    text::compact(scaling.steps), what)
                      : fmt::format("Strong scaling: {} steps, divided among more and more {}.",
                                    text::compact(scaling.steps), several));
    screen.say(fmt::format("Whole commands{}: {}.",
                           o.over_ranks() ? ", including the start of the ranks" : "",
                           o.benchmark_options.describe()));
    const double used_s = kit::clock_s() - begin;
    const std::uint64_t predicted = workers_to_predict(o.workers, usable);
    o.prediction.question =
        fmt::format("How many times as fast as the serial program {}?",
                    predicted == 1 ? "is one worker" : fmt::format("are {} workers", predicted));
    std::optional<kit::Prediction> prediction = kit::ask_for_prediction("scale", o.prediction);
    const benchmark::Alternation alternation = o.benchmark_options.alternation(settings, used_s);
    scaling.results =
        benchmark::run_benchmark(commands_of(scaling, o, settings.seed), alternation,
                                 settings.quiet ? benchmark::Bar::hidden : benchmark::Bar::shown);
    where.others = scaling.results.others;

    const report::Table table = table_of(scaling);
    report::Plot plot = plot_of(scaling);
    const std::string even = break_even_of(scaling), words = verdict_of(scaling, where);
    for (const ScalingPoint& point : points_of(scaling))
        if (point.workers == predicted) compare_with_prediction(prediction, point.speedup, where);
    const std::vector<std::string> doubts = all_cautions(scaling.results, alternation, where);
    Value facts = Value::object({{"schema", "mpworkshop-scale-1"},
                                 {"partial", !scaling.results.complete},
                                 {"scaling", o.weak ? "weak" : "strong"},
                                 {"backend", o.backend},
                                 {"verdict", words},
                                 {"break_even", even},
                                 {"amdahl_serial_share", amdahl_share(scaling)},
                                 {"cautions", Value::List(doubts.begin(), doubts.end())},
                                 {"load_average", where.load},
                                 {"other_programs", kit::value_of(where.others)},
                                 {"prediction", prediction ? prediction->value() : Value()}});
    screen.add("\n");
    screen.show(report::text(starred(table, scaling.kind), benchmark::columns()));
    if (o.workers.back() > scaling.usable)
        screen.show(benchmark::paragraph(
            fmt::format("* oversubscribed: more than the {}, so they take turns",
                        text::counted(scaling.usable, "usable CPU"))));
    const bool any = !points_of(scaling).empty();
    if (any) screen.add("\n" + report::text(plot, benchmark::columns()) + "\n");
    for (const std::string& doubt : doubts) screen.add(benchmark::paragraph("Note: " + doubt));
    if (!even.empty()) screen.add(benchmark::paragraph(even));
    if (!words.empty()) screen.show(benchmark::paragraph(words));
    screen.add(prediction);
    if (scaling.results.complete) screen.add(example("Next: ", curriculum::after("scale")));
    screen.show(scaling.results.why_partial());
    benchmark::write_documents("scale", settings, o.benchmark_options, table, scaling.results,
                               std::move(facts), [&] {
                                   if (o.picture.empty() || !any || !scaling.results.complete)
                                       return;
                                   if (const std::string cpu = sys::machine().cpu; !cpu.empty())
                                       plot.subtitle += ", " + cpu;
                                   report::write_picture(plot, o.picture);
                                   screen.say("Drawn: " + text::printable(o.picture, 200));
                               });
    expect_complete(scaling.results);
    return 0;
}

Plan plan_scale() {
    auto o = std::make_shared<ScaleOptions>();
    std::vector<input::Option> options = {
        input::words("WHAT", "pi, or pi STEPS", o->what),
        worker_counts(o->workers),
        input::flag("--weak", "the steps grow with the workers", o->weak),
        input::backend(o->backend, true),
        launcher(*o),
        input::file("--plot", "a picture; the name ends in .svg, .png or .pdf", o->picture)};
    options = kit::with_prediction(std::move(options), o->prediction);
    return {.options = benchmark::with_options(std::move(options), o->benchmark_options),
            .run = [o](const Run::Settings& settings) { return run_scale(*o, settings); }};
}

} // namespace

const Command scale = {
    .kind = Kind::benchmark,
    .name = "scale",
    .summary = "pi with more and more workers: where the speedup ends",
    .about = "Runs whole commands alternately: the serial program, then pi-parallel with each "
             "number of workers. Strong scaling: the same steps for all of them. Weak scaling: the "
             "same number for each worker. Shows the measured and the ideal speedup, in numbers "
             "and as a plot; more workers than usable CPUs are marked as oversubscribed. Says how "
             "many steps are needed before a pool is faster. With --backend mpi it starts mpirun "
             "for each number, one rank more than workers, because rank 0 hands out the work.",
    .example = "scale pi",
    .plan = plan_scale,
};

} // namespace mpworkshop::commands
