#include <fmt/format.h>

#include <algorithm>
#include <mp/mp.hpp>

#include "mpworkshop/input/error.hpp"
#include "mpworkshop/input/shell_words.hpp"
#include "mpworkshop/practice/check_report.hpp"
#include "mpworkshop/practice/commands.hpp"
#include "mpworkshop/practice/options.hpp"
#include "mpworkshop/practice/standing.hpp"
#include "mpworkshop/record/record.hpp"
#include "mpworkshop/sys/file_changes.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::practice {
namespace {

struct CheckOptions {
    TaskChoice task;
    std::string command;
    bool watch = false;

    std::vector<input::Option> options();
};

/// Whether a command runs a program in Python, as far as its words tell.
bool is_python(const std::vector<std::string>& command) {
    const auto name_of_file = [](const std::string& path) {
        return path.substr(path.rfind('/') + 1); // npos + 1 is 0
    };
    return name_of_file(command.front()).starts_with("python") ||
           std::ranges::any_of(command, [](const auto& word) { return word.ends_with(".py"); });
}

Subject subject_of(const Task& task, const CheckOptions& o) {
    if (!o.command.empty()) {
        std::vector<std::string> words = input::shell_words(o.command);
        const Language language = o.task.python || (!words.empty() && is_python(words))
                                      ? Language::python
                                      : Language::cpp;
        return {.task = &task,
                .language = language,
                .folder = ".",
                .file_name = {},
                .command = std::move(words),
                .options = options_of(language, o.task.folder)};
    }
    const Workspace found = find_workspace("check", task, o.task.asked_language(), o.task.folder);
    return {.task = &task,
            .language = found.language,
            .folder = found.folder,
            .file_name = found.file_name,
            .command = {},
            .options = options_of(found.language, o.task.folder)};
}

/// For the record, and so for the report.
Value check_facts(const Subject& subject, const CheckReport& report) {
    Value::List findings;
    for (const Step& step : report.steps)
        findings.push_back(Value::object({{"name", name_of(step.aspect)},
                                          {"verdict", word(step.finding.verdict)},
                                          {"finding", step.finding.words}}));
    // A command may be of any language, and its text may hold a path.
    const char* language = subject.command.empty() ? name_of(subject.language) : "a command";
    return Value::object(
        {{"language", language}, {"passed", report.done()}, {"findings", std::move(findings)}});
}

/// Checks it once, and says what was found. Whether it is done.
bool check_once(const Subject& subject, const Run::Settings& settings) {
    const sys::Terminal terminal = sys::output_terminal();
    const std::size_t width = sys::text_width(terminal);
    const Task& task = *subject.task;
    if (!settings.json) {
        fmt::print("{}\n", text::paragraph(description(subject), width));
        if (const std::string command = settings.verbose ? build_command(subject) : "";
            !command.empty())
            fmt::print("{}\n\n", command);
        std::fflush(stdout);
    }
    const CheckReport report = run_checks(subject, [&](const Step& step) {
        if (settings.json || (settings.quiet && step.finding.verdict == Verdict::ok)) return;
        fmt::print("{}", lines_of(step, width, terminal.utf8));
        std::fflush(stdout);
    });
    if (settings.json)
        fmt::print("{}", as_json(task, subject, report));
    else if (!settings.quiet)
        fmt::print("\n{}", closing(task, subject, report, width));
    record::append({.name = task.name,
                    .kind = "check",
                    .facts = check_facts(subject, report),
                    .code = report.code},
                   settings);
    if (report.done())
        note(task, Standing::done, settings);
    else if (report.right)
        note(task, Standing::right, settings);
    return report.done();
}

/// The same for --watch, which outlives what went wrong in one check: the file may be missing for
/// a moment.
bool check_and_go_on(const Subject& subject, const Run::Settings& settings) {
    try {
        return check_once(subject, settings);
    } catch (const mp::Interrupted&) {
        throw;
    } catch (const std::exception& error) {
        const std::size_t width = sys::text_width(sys::output_terminal());
        fmt::print("{}\n", text::paragraph(fmt::format("Not checked: {}.", error.what()), width));
        return false;
    }
}

/// Checks the file each time it is saved, until q is typed. Returns whether it was done at last.
bool check_on_each_save(const Subject& subject, const Run::Settings& settings) {
    sys::FileChanges changes(subject.folder, subject.file_name);
    for (;;) {
        if (sys::output_terminal().moves) fmt::print("\x1b[H\x1b[2J");
        const bool done = check_and_go_on(subject, settings);
        fmt::print("\nWaiting for the next save; q or Ctrl-C ends.\n");
        sys::check_output();
        std::fflush(stdout);
        if (changes.wait() == sys::Change::asked_to_end) return done;
    }
}

int run_check(const CheckOptions& o, const Run::Settings& settings) {
    if (o.watch && settings.json)
        throw UsageError("check: --watch never ends, and --json is for one check; give only one "
                         "of them");
    const Subject subject = subject_of(find_task("check", o.task.name), o);
    const bool done =
        o.watch ? check_on_each_save(subject, settings) : check_once(subject, settings);
    return done ? 0 : 1;
}

std::vector<input::Option> CheckOptions::options() {
    input::Option each_save =
        input::flag("--watch", "checks again after each save, until you press q", watch);
    each_save.instead_of = {"--run"};
    input::Option run = input::word(
        "--run", "CMD", "check this command instead: any program in any language", command);
    run.instead_of = {"--dir"};
    return {task_option(task), each_save,
            python_option("checks the Python program; with --run, compares with it", task), run,
            folder_option(task)};
}

} // namespace

const Command check = {
    .kind = Kind::helper,
    .name = "check",
    .summary = "is your program right, parallel, and faster",
    .about = "Builds and runs the program of a task, and nothing else. It looks at what the task "
             "is about, in this order: right, parallel, faster, clean. `cannot tell` means that "
             "this machine cannot show it, as with one CPU. Exit code 0: done; 1: not yet.",
    .example = "check map",
    .plan = [] { return planned(run_check); },
};

} // namespace mpworkshop::practice
