#include "mpworkshop/sys/temporary_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <string_view>
#include <system_error>
#include <vector>

namespace mpworkshop::sys {

namespace {

namespace fs = std::filesystem;

constexpr std::string_view prefix = "mpworkshop-run-";
constexpr time_t grace_s = 300; // between making a folder and locking it, however slow

/// The folder, open and locked; closed if another process has the lock, or locks do not work here.
Descriptor locked(const std::string& path) {
    Descriptor folder(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (folder.number() >= 0 && ::flock(folder.number(), LOCK_EX | LOCK_NB) != 0) folder.close();
    return folder;
}

/// Removes the folders of processes of this user that were killed.
void remove_stale_folders(const fs::path& parent) {
    std::error_code ignored;
    std::vector<fs::path> found;
    for (const auto& each : fs::directory_iterator(parent, ignored))
        if (each.path().filename().string().starts_with(prefix)) found.push_back(each.path());
    for (const fs::path& each : found) {
        struct stat about = {};
        if (::lstat(each.c_str(), &about) != 0 || about.st_uid != ::geteuid() ||
            std::time(nullptr) - about.st_ctim.tv_sec < grace_s)
            continue;
        if (const Descriptor lock = locked(each); lock.number() >= 0) fs::remove_all(each, ignored);
    }
}

} // namespace

TemporaryFolder::TemporaryFolder() {
    const fs::path parent = fs::temp_directory_path();
    remove_stale_folders(parent);
    std::string pattern = parent / "mpworkshop-run-XXXXXX";
    if (::mkdtemp(pattern.data()) == nullptr) fail("cannot make a temporary folder");
    path_ = pattern;
    lock_ = locked(path_);
}

TemporaryFolder::~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

} // namespace mpworkshop::sys
