#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>

#include "mpworkshop/cli/app_help.hpp"
#include "mpworkshop/commands/commands.hpp"
#include "mpworkshop/commands/source_of.hpp"
#include "mpworkshop/curriculum/curriculum.hpp"
#include "mpworkshop/input/error.hpp"
#include "mpworkshop/kit/embedded.hpp"
#include "mpworkshop/sys/file.hpp"
#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::commands {

namespace {

/// "exercises/pi/pi_serial" for pi-serial.
std::string stem(const Command& exercise) {
    std::string name = exercise.name;
    std::ranges::replace(name, '-', '_');
    return fmt::format("exercises/{}/{}", name.starts_with("pi_") ? "pi" : name, name);
}

} // namespace

std::string lesson_path(const Command& exercise) { return stem(exercise) + ".cpp"; }

std::string twin_path(const Command& exercise) { return stem(exercise) + ".py"; }

std::vector<std::string> subcommand_paths(const Command& exercise) {
    std::string folder = stem(exercise);
    folder.erase(folder.rfind('/') + 1);
    std::vector<std::string> paths = {folder + "command.cpp"};
    if (folder == "exercises/pi/")
        paths.insert(paths.end(), {"src/mpworkshop/kit/pi.hpp", "src/mpworkshop/kit/pi.cpp"});
    return paths;
}

namespace {

using Json = nlohmann::ordered_json;

struct SourceOptions {
    std::string name;
    bool all = false;
    bool python = false;
    std::string to; ///< a folder

    std::vector<input::Option> options();
};

void write_json(const std::string& name, const std::string& path, std::string_view text,
                const std::vector<std::string>& beside) {
    Json others = Json::array();
    for (const std::string& other : beside)
        others.push_back({{"path", other}, {"text", embedded(other)}});
    const Json document = {{"schema", "mpworkshop-source-1"},
                           {"name", name},
                           {"path", path},
                           {"text", text},
                           {"beside", std::move(others)}};
    fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
}

/// How to run it: the example in the lesson's first comment, up to two blanks: "./map 50 4".
std::string run_command(std::string_view text, const std::string& program) {
    const std::size_t at = text.find("  " + program);
    if (at == text.npos) return program;
    text = text.substr(at + 2);
    text = text.substr(0, text.find('\n'));
    return std::string(text.substr(0, text.find("  ")));
}

void say_next(const Run::Settings& settings) {
    if (!settings.quiet) fmt::print("\n{}", example("Next: ", curriculum::after("source")));
}

/// Writes the program into a folder, unless it is there, and says what to type next. Errors:
/// std::runtime_error if another file has its name.
void write_to(const std::string& folder, std::string_view path, const Run::Settings& settings) {
    namespace fs = std::filesystem;
    const fs::path name = fs::path(path).filename();
    const std::string target = (fs::path(folder) / name).string();
    std::error_code error;
    if (fs::exists(target, error)) {
        if (sys::read_all(target) != embedded(path))
            throw std::runtime_error(
                target + " exists and is another file; rename it, or give another folder");
    } else {
        fs::create_directories(folder, error); // errors show below
        sys::write_file(target, embedded(path));
    }
    if (settings.quiet) return;
    const std::string stem = name.stem().string();
    fmt::print("{}\n", target);
    if (name.extension() == ".py") {
        fmt::print("Run it there:\n  {}\n", run_command(embedded(path), "python3 " + stem + ".py"));
        return;
    }
    // Lines that can be pasted into a shell, and fit into 40 columns.
    fmt::print("Build it there:\n"
               "  g++ -std=c++20 -O2 {0}.cpp \\\n"
               "    $(pkg-config --cflags --libs mp) \\\n"
               "    -o {0}\n"
               "Run it:\n"
               "  {1}\n"
               "{2}",
               stem, run_command(embedded(path), "./" + stem),
               text::paragraph("That needs the library mp, from the package libmp-dev or, in the "
                               "folder where mpworkshop was built, from: cmake --install "
                               "build/release --prefix ~/.local. Then pkg-config finds it with: "
                               "export PKG_CONFIG_PATH=~/.local/lib/pkgconfig",
                               sys::text_width(sys::output_terminal())));
}

int run_source(const SourceOptions& o, const Run::Settings& settings) {
    if (o.name.empty())
        throw UsageError("source: NAME is missing; give an exercise, such as source map");
    const Command& exercise = curriculum::find("source", o.name);
    if (o.python && o.all)
        throw UsageError("source: the Python program is complete; leave --all or --python out");
    const std::string path = o.python ? twin_path(exercise) : lesson_path(exercise);
    if (!o.to.empty()) {
        write_to(o.to, path, settings);
        return 0;
    }
    const std::vector<std::string> beside =
        o.all ? subcommand_paths(exercise) : std::vector<std::string>();
    if (settings.json) {
        write_json(exercise.name, path, embedded(path), beside);
        return 0;
    }
    fmt::print("{}", embedded(path));
    for (const std::string& other : beside)
        fmt::print("\n// ==== {}\n\n{}", other, embedded(other));
    // In a pipe or a file, only the code.
    if (sys::output_terminal().is_one) say_next(settings);
    return 0;
}

std::vector<input::Option> SourceOptions::options() {
    input::Option what = input::word("NAME", "", "an exercise or a demonstration", name);
    what.offers = curriculum::lesson_names();
    input::Option folder =
        input::word("--to", "DIR", "write it into this folder, and say how to build or run it", to);
    folder.instead_of = {"--all", "--json"};
    return {std::move(what),
            input::flag("--all", "the subcommand too: its options, timings and report", all),
            input::flag("--python", "the same program in Python", python), std::move(folder)};
}

} // namespace

const Command source = {
    .kind = Kind::helper,
    .name = "source",
    .summary = "the source code of an exercise: a complete program",
    .about = "Prints the lesson, a complete program in C++ or in Python. The subcommand of the "
             "same name runs the same functions with its own pool, options, and timings.",
    .example = "source map",
    .plan = [] { return planned(run_source); },
};

} // namespace mpworkshop::commands
