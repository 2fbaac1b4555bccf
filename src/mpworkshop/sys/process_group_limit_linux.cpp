#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>
#include <system_error>
#include <vector>

#include "mpworkshop/sys/process_group_limit.hpp"

namespace mpworkshop::sys {
namespace {

constexpr int most_attempts = 200; // each with a pause of 5 ms
constexpr std::string_view group_prefix = "mpworkshop-";

std::string text_of(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

bool put(const std::string& path, const std::string& text) {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CLOEXEC));
    return file.number() >= 0 &&
           ::write(file.number(), text.data(), text.size()) == ssize_t(text.size());
}

/// The folders in which a group may be made: below the group that this process is in, or beside it.
std::vector<std::string> candidates() {
    std::vector<std::string> folders;
    const auto add = [&](const std::string& mount, const std::string& group) {
        folders.push_back(mount + group);
        if (const std::size_t end = group.rfind('/'); end != group.npos && group.size() > 1)
            folders.push_back(mount + group.substr(0, end));
    };
    std::ifstream groups("/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) {
        const std::size_t first = line.find(':'), second = line.find(':', first + 1);
        if (second == line.npos) continue;
        const std::string controllers = line.substr(first + 1, second - first - 1);
        const std::string group = line.substr(second + 1);
        if (controllers == "pids") add("/sys/fs/cgroup/pids", group);
        if (controllers.empty()) add("/sys/fs/cgroup", group);
    }
    return folders;
}

void sleep_for_a_moment() {
    const timespec moment = {0, 5'000'000};
    ::nanosleep(&moment, nullptr);
}

/// Kills all that is in a group. Returns false for one that has processes of another PID
/// namespace, which have the number 0 here. Blocks: until nothing is in it, or for about a second.
bool kill_all_in(const std::string& folder) {
    for (int i = 0; i < most_attempts; ++i) {
        std::ifstream processes(folder + "/cgroup.procs");
        bool any = false;
        for (pid_t pid = 0; processes >> pid; any = true) {
            if (pid <= 0) return false;
            ::kill(pid, SIGKILL);
        }
        if (!any) return true;
        (void)put(folder + "/cgroup.kill", "1"); // of version 2; the loop does it for version 1
        sleep_for_a_moment();
    }
    return true;
}

void remove(const std::string& folder) {
    for (int i = 0; i < most_attempts && ::rmdir(folder.c_str()) != 0 && errno == EBUSY; ++i)
        sleep_for_a_moment();
}

/// Ends what a run of this program left in its group when it was killed, and removes the group.
void remove_stale_groups(const std::string& parent) {
    std::vector<std::string> stale;
    std::error_code ignored;
    for (const auto& each : std::filesystem::directory_iterator(parent, ignored)) {
        const std::string name = each.path().filename();
        if (!name.starts_with(group_prefix)) continue;
        const std::string number = name.substr(group_prefix.size());
        if (number.empty() || number.find_first_not_of("0123456789") != number.npos) continue;
        const auto pid = pid_t(std::strtol(number.c_str(), nullptr, 10));
        if (pid == ::getpid() || (::kill(pid, 0) != 0 && errno == ESRCH))
            stale.push_back(each.path());
    }
    for (const std::string& folder : stale)
        if (kill_all_in(folder)) remove(folder);
}

} // namespace

ProcessGroupLimit::ProcessGroupLimit(std::size_t most) {
    if (most == 0) return;
    for (const std::string& parent : candidates())
        if (make_below(parent, most)) return;
}

bool ProcessGroupLimit::make_below(const std::string& parent, std::size_t most) {
    remove_stale_groups(parent);
    const std::string folder = fmt::format("{}/{}{}", parent, group_prefix, ::getpid());
    if (::mkdir(folder.c_str(), 0700) != 0) return false;
    Descriptor processes(::open((folder + "/cgroup.procs").c_str(), O_WRONLY | O_CLOEXEC));
    if (processes.number() < 0 || !put(folder + "/pids.max", std::to_string(most))) {
        ::rmdir(folder.c_str());
        return false;
    }
    folder_ = folder;
    processes_ = std::move(processes);
    return true;
}

ProcessGroupLimit::~ProcessGroupLimit() {
    if (!exists()) return;
    processes_.close();
    remove(folder_);
}

void ProcessGroupLimit::enter() const {
    if (processes_.number() >= 0) [[maybe_unused]]
        const auto done = ::write(processes_.number(), "0", 1);
}

bool ProcessGroupLimit::was_reached() const {
    if (!exists()) return false;
    const std::string events = text_of(folder_ + "/pids.events");
    const std::size_t at = events.find("max ");
    return at != events.npos && events.compare(at + 4, 1, "0") != 0;
}

void ProcessGroupLimit::kill_all() const {
    if (!exists()) return;
    kill_all_in(folder_);
}

} // namespace mpworkshop::sys
