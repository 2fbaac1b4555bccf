#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <stdexcept>
#include <system_error>

#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/page/class_page.hpp"
#include "mpworkshop/report/json.hpp"
#include "mpworkshop/sys/output.hpp"
#include "mpworkshop/sys/output_file.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::commands {
namespace {

namespace fs = std::filesystem;

constexpr const char* default_class_page = "mpworkshop-class.html";
constexpr std::size_t most_files = 100'000;

struct GatherOptions {
    std::vector<std::string> what;

    std::vector<input::Option> options() {
        input::Option files = input::words(
            "FILE", "shared files, folders of them, and last the page, which ends in .html", what);
        return {std::move(files)};
    }
};

/// The *.json of a folder, in the order of their names.
std::vector<std::string> files_in(const std::string& folder) {
    std::vector<std::string> files;
    std::error_code why;
    fs::directory_iterator each(folder, why);
    for (; !why && each != fs::end(each); each.increment(why))
        if (each->path().extension() == ".json") files.push_back(each->path());
    if (why)
        throw std::runtime_error(
            fmt::format("cannot read {}: {}", text::printable(folder, 500), why.message()));
    std::ranges::sort(files);
    return files;
}

std::vector<std::string> all_files(const std::vector<std::string>& names) {
    std::vector<std::string> files;
    for (const std::string& name : names) {
        std::error_code ignored;
        if (fs::is_directory(name, ignored)) {
            const std::vector<std::string> more = files_in(name);
            files.insert(files.end(), more.begin(), more.end());
        } else if (fs::exists(name, ignored)) {
            files.push_back(name);
        } else {
            throw std::runtime_error(fmt::format("there is no {}; give files of report --share, or "
                                                 "their folder",
                                                 text::printable(name, 500)));
        }
        if (files.size() > most_files)
            throw std::runtime_error(
                fmt::format("these are more than {} files; give fewer", text::grouped(most_files)));
    }
    return files;
}

Value facts_of_class(const page::Class& all, const std::string& path) {
    Value::List left_out;
    for (const page::LeftOut& each : all.left_out())
        left_out.push_back(Value::object({{"file", each.file}, {"why", each.why}}));
    return Value::object({{"schema", "mpworkshop-gather-1"},
                          {"file", path},
                          {"participants", all.participants().size()},
                          {"replaced", all.replaced()},
                          {"left_out", std::move(left_out)}});
}

int run_gather(const GatherOptions& o, const Run::Settings& settings) {
    std::vector<std::string> names = o.what;
    std::string path = default_class_page;
    if (!names.empty() && names.back().ends_with(".html")) {
        path = names.back();
        names.pop_back();
    }
    if (names.empty())
        throw UsageError("gather: the shared files are missing; give them, or their folder");
    sys::expect_writable(path);
    page::Class all;
    for (const std::string& file : all_files(names)) all.add_file(file);
    if (!settings.quiet)
        for (const page::LeftOut& each : all.left_out())
            sys::tell(fmt::format("mpworkshop: left out {}: {}\n", text::printable(each.file, 200),
                                  each.why));
    if (all.participants().empty())
        throw std::runtime_error("none of these is a file of report --share, so there is no page");
    sys::write_all(path, all.page());
    if (settings.json)
        fmt::print("{}", mpworkshop::report::json(facts_of_class(all, path)));
    else if (!settings.quiet)
        fmt::print("{}",
                   text::ending(fmt::format("Written: {}, of {}.", text::printable(path, 200),
                                            text::counted(all.participants().size(), "learner")),
                                example("Next: ", curriculum::after("gather")),
                                sys::text_width(sys::output_terminal())));
    return 0;
}

} // namespace

const Command gather = {
    .kind = Kind::helper,
    .name = "gather",
    .summary = "one page of a class, from the files its members shared",
    .about = "Reads files that report --share wrote, or all *.json of a folder, and writes one "
             "page: the speedup of each machine against its CPUs, predictions against "
             "measurements, how many people ran and finished each exercise, and the machines that "
             "need help. Of two files of the same person the later one counts. A file that is "
             "broken, that is something else, such as a pipe, or that a later version wrote is "
             "named and left out.",
    .example = "gather shared class.html",
    .plan = [] { return planned(run_gather); },
};

} // namespace mpworkshop::commands
