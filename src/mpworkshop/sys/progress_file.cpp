#include "mpworkshop/sys/progress_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "mpworkshop/sys/descriptor.hpp"
#include "mpworkshop/sys/new_file.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::sys {
namespace {

constexpr std::size_t largest = 1 << 20; // ours has a few hundred bytes; a larger file is not ours

[[noreturn]] void fail(const char* what, const std::string& path, const std::string& why) {
    throw std::runtime_error(
        fmt::format("cannot {} {}: {}", what, text::printable(path, 500), why));
}

[[noreturn]] void fail(const char* what, const std::string& path) {
    fail(what, path, std::generic_category().message(errno));
}

/// An absolute path from the environment; empty if it is not one, as the XDG rules require.
std::string folder_from(const char* name) {
    const char* value =
        std::getenv(name); // NOLINT(concurrency-mt-unsafe): nothing here changes the environment
    return value != nullptr && *value == '/' ? value : "";
}

/// Empty where the environment names none.
std::string folder_of_state() {
    if (const std::string folder = folder_from("XDG_STATE_HOME"); !folder.empty())
        return folder + "/mpworkshop";
    if (const std::string home = folder_from("HOME"); !home.empty())
        return home + "/.local/state/mpworkshop";
    return "";
}

/// Whether NewFile may have given that name, less the one of the file beside it: "1234-0".
bool is_name_of_remains(std::string_view name) {
    const std::size_t dash = name.find('-');
    const auto digits = [](std::string_view part) {
        return !part.empty() && part.find_first_not_of("0123456789") == part.npos;
    };
    return dash != name.npos && digits(name.substr(0, dash)) && digits(name.substr(dash + 1));
}

/// Removes what runs that were killed while they wrote left beside it, once it is a minute old.
void remove_remains(const std::string& path) {
    namespace fs = std::filesystem;
    const std::string prefix = path.substr(path.rfind('/') + 1) + ".";
    std::error_code ignored;
    fs::directory_iterator each(fs::path(path).parent_path(), ignored);
    for (; !ignored && each != fs::end(each); each.increment(ignored)) {
        const std::string file = each->path(), name = each->path().filename();
        struct stat about = {};
        if (name.starts_with(prefix) &&
            is_name_of_remains(std::string_view(name).substr(prefix.size())) &&
            ::lstat(file.c_str(), &about) == 0 && S_ISREG(about.st_mode) &&
            std::time(nullptr) - about.st_mtime > 60)
            ::unlink(file.c_str());
    }
}

} // namespace

bool give_to_owner_of_folder(int file, const std::string& path) {
    if (::geteuid() != 0) return true;
    struct stat folder = {}, own = {};
    const std::string parent = path.substr(0, std::max<std::size_t>(path.rfind('/'), 1));
    if (::stat(parent.c_str(), &folder) != 0 || ::fstat(file, &own) != 0) return false;
    if (own.st_uid == folder.st_uid) return true;
    return ::fchown(file, folder.st_uid, folder.st_gid) == 0;
}

void make_folders_of(const std::string& path) {
    for (std::size_t end = path.find('/', 1); end != path.npos; end = path.find('/', end + 1)) {
        const std::string folder = path.substr(0, end);
        if (::mkdir(folder.c_str(), 0700) != 0) {
            if (errno == EEXIST) continue;
            fail("make the folder", folder);
        }
        // By its descriptor: the name may refer to another file by now.
        const Descriptor made(
            ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
        if (made.number() < 0 || !give_to_owner_of_folder(made.number(), folder))
            fail("make the folder", folder);
    }
}

std::string record_path() {
    const std::string folder = folder_of_state();
    return folder.empty() ? "" : folder + "/runs.jsonl";
}

std::string progress_path() {
    const std::string folder = folder_of_state();
    return folder.empty() ? "" : folder + "/ran.txt";
}

std::string read_progress(const std::string& path) {
    // It may be a pipe, which must not block us.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number() < 0 && errno == ENOENT) return "";
    if (file.number() < 0) fail("read", path);
    struct stat about = {};
    if (::fstat(file.number(), &about) != 0) fail("read", path);
    if (!S_ISREG(about.st_mode)) fail("read", path, "it is not a regular file");
    if (about.st_size > off_t(largest))
        fail("read", path, "it is too large to be what is kept there");
    std::string text;
    char buffer[4096];
    for (ssize_t got = 1; got != 0 && text.size() <= largest;) {
        got = ::read(file.number(), buffer, sizeof buffer);
        if (got < 0 && errno != EINTR) fail("read", path);
        if (got > 0) text.append(buffer, std::size_t(got));
    }
    return text;
}

void write_progress(const std::string& path, std::string_view text) {
    std::optional<NewFile> file(std::in_place, path, mode_t{0600});
    if (!file->is_open() && errno == ENOENT) {
        make_folders_of(path);
        file.emplace(path, mode_t{0600});
    }
    if (!file->is_open() || !give_to_owner_of_folder(file->number(), path) ||
        !file->replace_with(text))
        fail("write", path);
    remove_remains(path);
}

void remove_progress(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) fail("remove", path);
}

std::string why_no_progress(const std::string& path) {
    struct stat about = {};
    if (::lstat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode)) return path + " is a folder";
    // The nearest existing folder must accept the missing ones.
    for (std::size_t end = path.rfind('/'); end != path.npos;
         end = end == 0 ? path.npos : path.rfind('/', end - 1)) {
        const std::string folder = end == 0 ? "/" : path.substr(0, end);
        if (::stat(folder.c_str(), &about) != 0) {
            if (errno == ENOENT || errno == ENOTDIR) continue;
            return folder + ": " + std::generic_category().message(errno);
        }
        if (!S_ISDIR(about.st_mode)) return folder + " is not a folder";
        if (::access(folder.c_str(), W_OK | X_OK) == 0) return "";
        return folder + ": " + std::generic_category().message(errno);
    }
    return "";
}

} // namespace mpworkshop::sys
