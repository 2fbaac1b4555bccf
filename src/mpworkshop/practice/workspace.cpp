#include "mpworkshop/practice/workspace.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <filesystem>
#include <system_error>

#include "mpworkshop/input/error.hpp"
#include "mpworkshop/input/invocation.hpp"
#include "mpworkshop/input/shell_words.hpp"
#include "mpworkshop/kit/embedded.hpp"
#include "mpworkshop/sys/file.hpp"

namespace mpworkshop::practice {
namespace {

namespace fs = std::filesystem;

bool exists(const std::string& path) {
    std::error_code ignored;
    return fs::exists(path, ignored);
}

void write_if_new(const std::string& path, std::string_view text) {
    if (!exists(path)) sys::write_file(path, text);
}

void make_folder(const std::string& folder) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        throw std::runtime_error(
            fmt::format("cannot make the folder {}: {}", folder, error.message()));
}

/// The folders in which a task's file may be.
std::vector<std::string> candidates(const Task& task, const std::string& folder) {
    std::vector<std::string> folders = {folder + "/" + task.name};
    std::error_code ignored;
    const fs::path current = fs::current_path(ignored);
    if (folder != usual_folder) return folders;
    if (current.filename() == task.name) folders.emplace_back(".");
    if (current.filename() == usual_folder) folders.push_back(task.name);
    if (current.parent_path().filename() == usual_folder) folders.push_back("../" + task.name);
    return folders;
}

/// Random numbers of so simple a kind that they are the same everywhere.
class Dice {
public:
    std::uint32_t below(std::uint32_t sides) {
        number_ = number_ * 48271 % 2147483647;
        return std::uint32_t(number_) % sides;
    }

private:
    std::uint64_t number_ = 1;
};

std::string invented_text(std::size_t bytes, Dice& dice) {
    static constexpr const char* syllables[] = {"ka", "lo", "mi",  "ne",  "su", "ra", "to", "vi",
                                                "pe", "du", "sha", "gri", "bo", "al", "en", "or"};
    std::string text;
    while (text.size() < bytes) {
        for (std::uint32_t left = 1 + dice.below(3); left > 0; --left)
            text += syllables[dice.below(16)];
        text += dice.below(12) == 0 ? '\n' : ' ';
    }
    return text + "\n";
}

} // namespace

std::string options_of(Language language, const std::string& folder) {
    return std::string(language == Language::python ? " --python" : "") +
           (folder == usual_folder ? "" : " --dir " + input::shell_quoted(folder));
}

Workspace workspace_of(const Task& task, Language language, const std::string& folder) {
    const std::string file = task.file_name(language);
    if (auto found = newest_workspace(task, language, folder)) return *found;
    if (const auto found = newest_workspace(task, {}, folder))
        return {found->folder, file, language};
    const std::vector<std::string> folders = candidates(task, folder);
    // The current folder may have the name of a task by chance; the others are below a usual one.
    return {folders.back() == "." ? folders.front() : folders.back(), file, language};
}

std::optional<Workspace> newest_workspace(const Task& task, std::optional<Language> language,
                                          const std::string& folder) {
    std::optional<Workspace> newest;
    fs::file_time_type saved;
    for (const std::string& each : candidates(task, folder))
        for (const Language which : {Language::cpp, Language::python}) {
            if (language && language != which) continue;
            const Workspace found = {each, task.file_name(which), which};
            std::error_code error;
            const fs::file_time_type time = fs::last_write_time(found.path(), error);
            if (error || (newest && time <= saved)) continue;
            newest = found;
            saved = time;
        }
    return newest;
}

Workspace find_workspace(std::string_view asker, const Task& task, std::optional<Language> language,
                         const std::string& folder) {
    if (auto found = newest_workspace(task, language, folder)) return *found;
    const Language shown = language.value_or(Language::cpp);
    throw UsageError(fmt::format(
        "{}: there is no {}; {} writes it", asker, workspace_of(task, shown, folder).path(),
        invocation(fmt::format("practice {}{}", task.name, options_of(shown, folder)))));
}

Written write_task(const Task& task, const Workspace& workspace) {
    make_folder(workspace.folder);
    const bool is_there = exists(workspace.path());
    write_start(task, workspace.language, workspace.folder);
    write_if_new(workspace.folder + "/README.md", task.text("README.md"));
    if (task.name == "words") write_texts(workspace.folder + "/texts", 6, 4);
    return is_there ? Written::nothing : Written::all;
}

std::string set_aside(const Workspace& workspace) {
    if (!exists(workspace.path())) return "";
    for (unsigned number = 1;; ++number) {
        const std::string other = fmt::format("{}.{}", workspace.path(), number);
        if (exists(other)) continue;
        std::error_code error;
        fs::rename(workspace.path(), other, error);
        if (error)
            throw std::runtime_error(
                fmt::format("cannot rename {}: {}", workspace.path(), error.message()));
        return other;
    }
}

void write_start(const Task& task, Language language, const std::string& folder) {
    write_if_new(folder + "/" + task.file_name(language),
                 task.text(std::string("start") + suffix_of(language)));
    for (const std::string& file : task.files[std::size_t(language)])
        write_if_new(folder + "/" + fs::path(file).filename().string(), embedded(file));
}

void write_texts(const std::string& folder, unsigned count, unsigned kilobytes) {
    make_folder(folder);
    Dice dice;
    for (unsigned i = 0; i < count; ++i) {
        const std::size_t size = std::size_t(kilobytes) * 1024 * (1 + 4 * (i * 7 % 5)) / 5;
        write_if_new(fmt::format("{}/text{:02}.txt", folder, i), invented_text(size, dice));
    }
}

} // namespace mpworkshop::practice
