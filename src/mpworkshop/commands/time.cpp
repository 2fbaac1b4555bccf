#include <fmt/format.h>

#include <cerrno>
#include <memory>
#include <mp/mp.hpp>
#include <system_error>

#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/input/invocation.hpp"
#include "mpworkshop/kit/other_programs.hpp"
#include "mpworkshop/record/record.hpp"
#include "mpworkshop/report/activity.hpp"
#include "mpworkshop/report/activity_verdict.hpp"
#include "mpworkshop/report/json.hpp"
#include "mpworkshop/report/timings.hpp"
#include "mpworkshop/sys/file.hpp"
#include "mpworkshop/sys/foreground_command.hpp"
#include "mpworkshop/sys/other_programs.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::commands {
namespace {

struct TimeOptions {
    std::vector<std::string> command;
    std::string output; ///< a file; empty: standard error
};

/// The exit codes that shells use when a command could not run.
constexpr int not_found = 127, not_runnable = 126, by_signal = 128;

/// The measurements, and the remarks on them.
struct TimedRun {
    sys::ForegroundEnd end;
    CommandRun run;
    CpuUseVerdict verdict;
};

int exit_code(const sys::ForegroundEnd& end) {
    return end.status >= 0 ? end.status : by_signal - end.status;
}

/// Says why it could not be started.
int cannot_run(const std::string& program, const std::system_error& error) {
    const bool missing = error.code().value() == ENOENT || error.code().value() == ENOTDIR;
    const bool searched = program.find('/') == program.npos;
    const std::string why = !missing   ? error.code().message()
                            : searched ? "there is no such program in PATH"
                                       : "there is no such file";
    sys::tell(
        fmt::format("mpworkshop: error: time: cannot run {}: {}\n", text::quoted(program), why));
    return missing ? not_found : not_runnable;
}

std::string text_of(const TimedRun& timed, const Run::Settings& settings) {
    const sys::Activity& activity = timed.run.activity;
    const sys::Terminal terminal = sys::error_terminal();
    Outcome outcome;
    outcome.timings = {{.name = "total", .wall_s = activity.wall_s, .cpu_s = activity.total.cpu_s}};
    outcome.others = timed.run.others;
    outcome.meaning = timed.verdict.words;
    const std::string next = settings.quiet ? "" : invocation(curriculum::after("time"));
    std::string lines = report::timings(outcome, next, sys::text_width(terminal));
    if (!settings.quiet)
        if (const std::string drawn = report::activity(activity, terminal); !drawn.empty())
            lines.insert(0, "\n" + drawn);
    if (const int status = timed.end.status; status != 0)
        lines +=
            fmt::format("It ended {} {}.\n", status < 0 ? "by" : "with", mp::describe_exit(status));
    return lines;
}

std::string document_of(const TimedRun& timed, const std::vector<std::string>& command) {
    const Value facts =
        Value::object({{"schema", "mpworkshop-time-1"},
                       {"command", Value::List(command.begin(), command.end())},
                       {"exit_code", exit_code(timed.end)},
                       {"signal", timed.end.status < 0 ? Value(-timed.end.status) : Value()},
                       {"suspended", timed.end.suspended},
                       {"verdict", name_of(timed.verdict.use)},
                       {"sentence", timed.verdict.words},
                       {"activity", report::activity_facts(timed.run.activity)},
                       {"usable_cpus", timed.run.usable_cpus},
                       {"other_programs", kit::value_of(timed.run.others)},
                       {"machine", report::machine_facts()}});
    return report::json(facts);
}

int run_time(const TimeOptions& options, const Run::Settings& settings) {
    if (options.command.empty())
        throw UsageError("time: a command to run is missing; see " + invocation("time --help"));
    if (!options.output.empty()) sys::write_file(options.output, ""); // before a run is spent on it
    const sys::OtherPrograms others;
    TimedRun timed;
    try {
        timed.end = sys::run_in_foreground(options.command);
    } catch (const std::system_error& error) {
        return cannot_run(options.command.front(), error);
    }
    timed.run = {.activity = std::move(timed.end.activity),
                 .usable_cpus = mp::process_cpu_count(),
                 .others = others.cpus_used(),
                 .suspended = timed.end.suspended};
    timed.verdict = judge_cpu_use(timed.run);
    const std::string report =
        settings.json ? document_of(timed, options.command) : text_of(timed, settings);
    if (options.output.empty())
        sys::tell(report);
    else
        sys::write_file(options.output, report);
    record::append({.name = "time",
                    .complete = timed.end.status == 0,
                    .facts = Value::object(
                        {{"result", Value::object({{"verdict", name_of(timed.verdict.use)},
                                                   {"sentence", timed.verdict.words},
                                                   {"wall_s", timed.run.activity.wall_s},
                                                   {"cpu_s", timed.run.activity.total.cpu_s}})},
                         {"other_programs", kit::value_of(timed.run.others)}})},
                   settings);
    return exit_code(timed.end);
}

Plan plan_time() {
    auto o = std::make_shared<TimeOptions>();
    input::Option command =
        input::words("COMMAND", "a program and its arguments, which are not read here", o->command);
    command.rest = true;
    return {.options = {std::move(command),
                        input::file("-o,--output", "the file that the report goes to", o->output)},
            .run = [o](const Run::Settings& settings) { return run_time(*o, settings); }};
}

} // namespace

const Command time = {
    .kind = Kind::benchmark,
    .name = "time",
    .summary = "runs any program and shows how it used the CPUs",
    .about =
        "Runs a command in any language as it is, with its standard streams, signals and "
        "terminal, and ends with its exit code: 128 plus the number of the signal that ended "
        "it, 127 if there is no such program, 126 if it cannot be run. The report goes "
        "to standard error or to the file of -o, with --json as one document: wall-clock and "
        "CPU time, the CPUs that were busy over time, the processes and threads that computed, "
        "the time that they were ready without a CPU, and one sentence: serial, waiting, "
        "parallel, oversubscribed or unbalanced.\n"
        "\n"
        "Options of this program come before the command: mpworkshop time --json -o "
        "report.json -- python3 my.py --verbose",
    .example = "time -- sh -c 'seq 2000000 | sort -r | tail -n 1'",
    .plan = plan_time,
};

} // namespace mpworkshop::commands
