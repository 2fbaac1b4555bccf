#include "mpworkshop/practice/trial.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <mp/mp.hpp>
#include <sstream>
#include <system_error>

#include "mpworkshop/input/error.hpp"
#include "mpworkshop/practice/build.hpp"
#include "mpworkshop/practice/source_code.hpp"
#include "mpworkshop/practice/workspace.hpp"
#include "mpworkshop/sys/command.hpp"
#include "mpworkshop/sys/file.hpp"
#include "mpworkshop/sys/search_path.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::practice {
namespace {

constexpr double compiler_deadline_s = 300;

std::string line_of(const std::string& text, bool last) {
    std::string line = text;
    line.erase(line.find_last_not_of("\n ") + 1);
    if (last)
        line.erase(0, line.rfind('\n') + 1); // npos + 1 is 0
    else
        line.erase(std::min(line.find('\n'), line.size()));
    return text::printable(line, 200);
}

/// python3 itself, where a script of that name would start it: such a launcher is no part of the
/// work.
std::string interpreter() {
    const sys::Ended asked =
        sys::run_command({"python3", "-c", "import sys; print(sys.executable or 'python3')"});
    std::string path = asked.out.substr(0, asked.out.find('\n'));
    return asked.status == 0 && !path.empty() ? path : "python3";
}

constexpr const char* no_compiler =
    "There is no C++ compiler; install one (apt install g++), or do the task in Python with "
    "--python.";
constexpr const char* no_library =
    "The library mp is not installed; install the package libmp-dev (apt install "
    "./libmp-dev_*.deb), or do the task in Python with --python.";

bool uses_mp(const std::string& file) {
    return without_comments(sys::read_all(file), Language::cpp).find("<mp/") != std::string::npos;
}

Step not_built(Verdict verdict, std::string words, std::string messages = {}) {
    return {.aspect = Aspect::builds,
            .finding = {verdict, std::move(words)},
            .messages = std::move(messages)};
}

} // namespace

Step Trial::build() {
    const Step built = {.finding = {Verdict::ok, "It compiles."}};
    const Task& task = *subject_.task;
    if (!subject_.file_name.empty())
        source_ = sys::read_all(subject_.folder + "/" + subject_.file_name);
    const std::string start_folder = folder_.file("start");
    std::filesystem::create_directory(start_folder);
    write_start(task, subject_.language, start_folder);
    const std::string file = task.file_name(subject_.language);
    own_ = {subject_.command, subject_.folder};
    start_.folder = start_folder;
    if (subject_.language == Language::python) {
        if (sys::find_program("python3").empty())
            return not_built(Verdict::cannot_tell,
                             "There is no python3; install it (apt install python3).");
        const std::string python = interpreter();
        start_.words = {python, "-B", file};
        if (own_.words.empty()) own_.words = {python, "-B", subject_.file_name};
        return built;
    }
    const BuildSetup setup = find_build_setup();
    if (setup.compiler.empty()) return not_built(Verdict::cannot_tell, no_compiler);
    const bool builds_own = own_.words.empty();
    if (!setup.has_mp && (uses_mp(start_folder + "/" + file) ||
                          (builds_own && uses_mp(subject_.folder + "/" + subject_.file_name))))
        return not_built(Verdict::cannot_tell, no_library);
    if (builds_own) {
        own_.words = {folder_.file(task.name)};
        if (const std::string messages =
                build_one(subject_.folder, subject_.file_name, own_.words.front());
            !messages.empty())
            return not_built(Verdict::not_yet, "The compiler does not accept it.", messages);
    }
    start_.words = {folder_.file("start/" + task.name)};
    if (const std::string messages = build_one(start_folder, file, start_.words.front());
        !messages.empty())
        return not_built(Verdict::cannot_tell,
                         "The program that it is compared with cannot be "
                         "built here.",
                         messages);
    return built;
}

/// What the compiler says against it; empty if it is built.
std::string Trial::build_one(const std::string& folder, const std::string& file_name,
                             const std::string& program) {
    const BuildSetup setup = find_build_setup();
    const sys::ContainedEnd end = run({.words = setup.command(file_name, program),
                                       .folder = folder,
                                       .deadline_s = compiler_deadline_s});
    if (end.status == 0 && end.cut_short == sys::CutShort::no) return "";
    return end.err.empty() ? bad_end(end, compiler_deadline_s) + "\n" : end.err;
}

sys::ContainedEnd Trial::run_start(const std::vector<std::string>& arguments, double deadline_s) {
    std::vector<std::string> words = start_.words;
    words.insert(words.end(), arguments.begin(), arguments.end());
    return run({.words = words, .folder = start_.folder, .deadline_s = deadline_s});
}

sys::ContainedEnd Trial::run(const sys::ContainedCommand& command) {
    sys::ContainedEnd end = sys::run_contained(command);
    by_cgroup_ = by_cgroup_.value_or(true) && end.by_cgroup;
    return end;
}

sys::ContainedEnd Trial::run_own(const std::vector<std::string>& arguments, double deadline_s) {
    std::vector<std::string> words = own_.words;
    words.insert(words.end(), arguments.begin(), arguments.end());
    try {
        sys::ContainedEnd end =
            run({.words = words, .folder = own_.folder, .deadline_s = deadline_s});
        look_for_traces(end);
        return end;
    } catch (const std::system_error& error) {
        if (subject_.command.empty()) throw;
        throw UsageError(fmt::format("check: cannot run {}: {}; give --run a program that can be "
                                     "started from here",
                                     text::quoted(words.front()), error.code().message()));
    }
}

void Trial::look_for_traces(const sys::ContainedEnd& end) {
    if (!untidy_.empty()) return;
    if (end.left_behind > 0)
        untidy_ = fmt::format("{} still ran when it ended, and {} ended.",
                              text::counted(end.left_behind, "process"),
                              end.left_behind == 1 ? "was" : "were");
    else if (!end.err.empty())
        untidy_ = fmt::format("It writes to standard error: {}", line_of(end.err, false));
}

std::vector<std::string> Trial::filled_in(const std::vector<std::string>& arguments) {
    std::vector<std::string> filled;
    for (const std::string& each : arguments) {
        if (each == "{workers}")
            filled.push_back(std::to_string(std::clamp(mp::process_cpu_count(), 2U, 4U)));
        else
            filled.push_back(each.starts_with("{texts ") ? texts(each) : each);
    }
    return filled;
}

/// The folder that "{texts 7}" or "{texts 40 large}" stands for, with that many files.
std::string Trial::texts(const std::string& what) {
    std::istringstream words(what.substr(7));
    unsigned count = 0;
    std::string size;
    words >> count >> size;
    const std::string folder = folder_.file(fmt::format("texts{}", count));
    write_texts(folder, count, size.starts_with("large") ? 200 : 2);
    return folder;
}

std::string bad_end(const sys::ContainedEnd& end, double deadline_s) {
    const char* by = end.by_cgroup ? "a cgroup, which held all its processes"
                                   : "its process tree, as no cgroup can be made here";
    switch (end.cut_short) {
    case sys::CutShort::by_deadline:
        return fmt::format("it still ran after {:.0f} s, and was ended by {}", deadline_s, by);
    case sys::CutShort::by_output:
        return fmt::format("it printed more than 64 MiB, and was ended by {}", by);
    case sys::CutShort::by_processes:
        return fmt::format("it started more than 400 processes or threads, and was ended by {}",
                           by);
    case sys::CutShort::no:
        break;
    }
    if (end.status == 0) return "";
    const std::string how = mp::describe_exit(end.status);
    return end.err.empty() ? fmt::format("it ended with {}", how)
                           : fmt::format("it ended with {}: {}", how, line_of(end.err, true));
}

} // namespace mpworkshop::practice
