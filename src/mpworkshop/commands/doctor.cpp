#include <fmt/format.h>

#include <algorithm>
#include <mp/mp.hpp>
#include <nlohmann/json.hpp>

#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/commands/checks.hpp"
#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/sys/machine.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/sys/version.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::commands {
namespace {

using Json = nlohmann::ordered_json;
using Checks = std::vector<Check>;

const char* word(Verdict verdict) {
    switch (verdict) {
    case Verdict::ok:
        break;
    case Verdict::note:
        return "note";
    case Verdict::problem:
        return "problem";
    }
    return "ok";
}

std::size_t number_of(Verdict verdict, const Checks& checks) {
    return std::size_t(std::ranges::count(checks, verdict, &Check::verdict));
}

/// One line, and the fix below it; more lines if they are wide.
std::string row(const Check& check, std::size_t width) {
    const std::size_t column = width < 60 ? 2 : 27;
    std::string margin = fmt::format("{:<9}{}", word(check.verdict), check.name);
    margin = width < 60 ? margin + "\n  " : fmt::format("{:<27}", margin);
    std::string lines;
    const auto add = [&](const std::string& words) {
        for (const std::string& line : text::wrapped(words, width - column)) {
            lines += margin + line + "\n";
            margin = std::string(column, ' ');
        }
    };
    add(text::printable(check.finding, 500));
    if (!check.fix.empty()) add("Fix: " + check.fix + ".");
    return lines;
}

std::string closing(const Checks& checks, std::size_t width) {
    const std::size_t problems = number_of(Verdict::problem, checks);
    const std::size_t notes = number_of(Verdict::note, checks);
    if (problems > 0)
        return text::paragraph(fmt::format("Not ready: {}, so an exercise cannot run.",
                                           text::counted(problems, "problem")),
                               width);
    const std::string with =
        notes > 0 ? fmt::format(", with {}", text::counted(notes, "note")) : "";
    return text::ending(fmt::format("Ready: every exercise can run{}.", with),
                        example("Next: ", curriculum::after("doctor", curriculum::history())),
                        width);
}

Json document(const Checks& checks) {
    Json list = Json::array();
    for (const Check& check : checks)
        list.push_back({{"name", check.name},
                        {"verdict", word(check.verdict)},
                        {"finding", check.finding},
                        {"fix", check.fix.empty() ? Json() : Json(check.fix)}});
    return {{"schema", "mpworkshop-doctor-1"},
            {"ready", number_of(Verdict::problem, checks) == 0},
            {"checks", std::move(list)}};
}

/// One line for a helper, without names of people, machines or folders.
std::string shared_line(const Checks& checks) {
    const sys::Machine machine = sys::machine();
    std::string line = fmt::format("mpworkshop {}, {}, {}; {} {}; {} of {} usable", version(),
                                   compiler(), build_type(), machine.system, machine.architecture,
                                   mp::process_cpu_count(), text::counted(mp::cpu_count(), "CPU"));
    for (const Verdict verdict : {Verdict::problem, Verdict::note}) {
        std::vector<std::string_view> names;
        for (const Check& check : checks)
            if (check.verdict == verdict) names.push_back(check.name);
        if (!names.empty()) line += fmt::format("; {}: {}", word(verdict), fmt::join(names, ", "));
    }
    return line + (number_of(Verdict::problem, checks) == 0 ? "; ready" : "; not ready");
}

struct DoctorOptions {
    bool share = false;

    std::vector<input::Option> options() {
        return {input::flag("--share",
                            "one line to send to the teacher, without private information", share)};
    }
};

int run_doctor(const DoctorOptions& o, const Run::Settings& settings) {
    const Checks checks = all_checks();
    const std::size_t width = sys::text_width(sys::output_terminal());
    if (o.share) {
        fmt::print("{}\n", text::printable(shared_line(checks), 500));
    } else if (settings.json) {
        fmt::print("{}\n", document(checks).dump(2, ' ', false, Json::error_handler_t::replace));
    } else {
        for (const Check& check : checks)
            if (!settings.quiet || check.verdict != Verdict::ok)
                fmt::print("{}", row(check, width));
        if (!settings.quiet) fmt::print("\n{}", closing(checks, width));
    }
    return number_of(Verdict::problem, checks) == 0 ? 0 : 1;
}

} // namespace

const Command doctor = {
    .kind = Kind::helper,
    .name = "doctor",
    .summary = "checks whether this machine is ready, and says how to fix what is not",
    .about =
        "Tries what the exercises need. It uses no network and writes only to the temporary "
        "folder. A note means that an exercise shows less. A problem means that an exercise cannot "
        "run; the exit code is then 1. With --quiet only notes and problems are printed.",
    .example = "doctor",
    .plan = [] { return planned(run_doctor); },
};

} // namespace mpworkshop::commands
