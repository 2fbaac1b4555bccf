#include <fmt/format.h>

#include <cstdlib>
#include <stdexcept>

#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/page/run_page.hpp"
#include "mpworkshop/page/shared_file.hpp"
#include "mpworkshop/record/record.hpp"
#include "mpworkshop/report/json.hpp"
#include "mpworkshop/sys/detached_command.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/output_file.hpp"
#include "mpworkshop/sys/search_path.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::commands {
namespace {

constexpr const char* default_page = "mpworkshop-report.html";
constexpr const char* default_shared_file = "mpworkshop-share.json";

struct ReportOptions {
    std::string file; ///< empty: the default
    std::string name; ///< of the learner's choice
    bool open = false;
    bool share = false;

    std::vector<input::Option> options() {
        input::Option what = input::file("FILE",
                                         "the page, or with --share the shared file; -: "
                                         "standard output",
                                         file);
        what.otherwise = fmt::format("{}, or {}", default_page, default_shared_file);
        input::Option chosen =
            input::word("--for", "NAME", "a name of your choice in the shared file", name);
        chosen.otherwise = "none";
        chosen.useful = [this] { return share; };
        chosen.useful_with = "--share";
        input::Option opened = input::flag("--open", "opens the page in a browser", open);
        opened.instead_of = {"--share"};
        return {std::move(what), std::move(opened),
                input::flag("--share", "a small file of the same facts, without code, for gather",
                            share),
                std::move(chosen)};
    }
    std::string path() const {
        return !file.empty() ? file : share ? default_shared_file : default_page;
    }
};

bool has_desktop() {
    for (const char* name : {"DISPLAY", "WAYLAND_DISPLAY"})
        if (const char* value = std::getenv(name); value != nullptr && *value != '\0') return true;
    return false;
}

/// Opens the page where there is a desktop; says why not otherwise.
void open_page(const std::string& path) {
    const char* why = path == "-"                             ? "it went to standard output"
                      : !has_desktop()                        ? "there is no desktop here"
                      : sys::find_program("xdg-open").empty() ? "there is no xdg-open"
                                                              : nullptr;
    if (why != nullptr)
        return sys::tell(fmt::format("mpworkshop: the page is not opened: {}; open the file in a "
                                     "browser\n",
                                     why));
    sys::start_detached({"xdg-open", path.starts_with("-") ? "./" + path : path});
}

void expect_name(const std::string& name) {
    if (name.size() > page::longest_participant)
        throw UsageError(fmt::format("--for: the name is longer than {} bytes; give a shorter one",
                                     page::longest_participant));
}

std::string words_for(const ReportOptions& o, const record::Record& record) {
    const std::string path = text::printable(o.path(), 200);
    const bool printed = path == "-";
    if (o.share)
        return fmt::format("{}, with {}. It holds no code, no path, and no name{}. Send "
                           "it to the person who collects them.",
                           printed ? "The file went to standard output" : "Written: " + path,
                           text::counted(record.lines.size(), "run"),
                           o.name.empty() ? "" : " but " + text::quoted(o.name));
    if (printed)
        return "The page went to standard output. Save it to a file and open that in a browser; it "
               "needs no network.";
    return fmt::format("Written: {}. Open it in a browser; it needs no network.", path);
}

int run_report(const ReportOptions& o, const Run::Settings& settings) {
    expect_name(o.name);
    const record::Record record = record::read();
    if (!record.problem.empty()) throw std::runtime_error(record.problem);
    if (o.share && record.lines.empty())
        throw std::runtime_error("nothing ran here yet, so there is nothing to share; run an "
                                 "exercise first");
    const std::string path = o.path();
    sys::write_all(path, o.share ? page::shared_document(record, o.name) : page::run_page(record));
    if (path == "-") sys::finish_output(); // before anything says that it is there
    const auto say = [&](const std::string& words) {
        if (path == "-")
            sys::tell(words); // standard output is taken
        else
            fmt::print("{}", words);
    };
    if (settings.json && path != "-")
        fmt::print("{}", report::json(Value::object({{"schema", "mpworkshop-report-1"},
                                                     {"file", path},
                                                     {"shared", o.share},
                                                     {"lines", record.lines.size()},
                                                     {"broken", record.broken},
                                                     {"newer", record.newer}})));
    else if (!settings.quiet && !settings.json)
        say(text::ending(words_for(o, record), example("Next: ", curriculum::after("report")),
                         sys::text_width(sys::output_terminal())));
    if (record.newer > 0 && !settings.quiet)
        sys::tell(fmt::format("mpworkshop: {} of a later version {} left out\n",
                              text::counted(record.newer, "line"),
                              record.newer == 1 ? "is" : "are"));
    sys::finish_output();
    if (o.open) open_page(path);
    return 0;
}

} // namespace

const Command report = {
    .kind = Kind::helper,
    .name = "report",
    .summary = "one page of what ran here, to keep or to share",
    .about = "Writes the record of what ran here as one HTML page with pictures, which needs no "
             "network and no other file: the machine, and of each subcommand the last run with its "
             "timings, its timeline and all its numbers. With --share it writes the same facts as "
             "a small file without code, for gather; a random identifier tells your files from "
             "those of others, until reset.",
    .example = "report --open",
    .plan = [] { return planned(run_report); },
};

} // namespace mpworkshop::commands
