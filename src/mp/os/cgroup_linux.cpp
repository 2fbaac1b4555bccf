#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>
#include <string>
#include <vector>

#include "mp/os/cpu.hpp"

namespace mp::os {

namespace {

// A cgroup of this process: where its hierarchy is mounted, and its path below that.
struct Group {
    bool unified; // version 2
    std::string mount;
    std::string path;
};

bool has_word(const std::string& list, const std::string& word) {
    return ("," + list + ",").find("," + word + ",") != std::string::npos;
}

// The hierarchies that have `controller`: that of version 1, and that of version 2.
std::vector<Group> groups_of(const std::string& root, const std::string& controller) {
    std::vector<Group> found;
    std::ifstream groups(root + "/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) { // "4:cpu,cpuacct:/job/7" or "0::/job/7"
        auto first = line.find(':');
        auto second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        std::string controllers = line.substr(first + 1, second - first - 1);
        bool unified = controllers.empty();
        if (!unified && !has_word(controllers, controller)) continue;
        std::ifstream mounts(root + "/proc/self/mountinfo");
        for (std::string mount; std::getline(mounts, mount);) {
            std::istringstream words(mount);
            std::string id, parent, device, inside, point, word;
            words >> id >> parent >> device >> inside >> point;
            while (words >> word && word != "-") {
            }
            std::string type, source, options;
            words >> type >> source >> options;
            bool fits =
                unified ? type == "cgroup2" : type == "cgroup" && has_word(options, controller);
            if (!fits) continue;
            std::string path = line.substr(second + 1);
            // In a container the mount may show only the part of the tree below `inside`.
            if (inside != "/" && path.starts_with(inside)) path.erase(0, inside.size());
            found.push_back({unified, root + point, path == "/" ? "" : path});
        }
    }
    return found;
}

// Calls `read` for the group and each of its ancestors, up to the mount.
void each_level(const Group& group, const std::function<void(const std::string& folder)>& read) {
    for (std::string path = group.path;; path.erase(path.rfind('/'))) {
        read(group.mount + path);
        if (path.empty() || path.rfind('/') == std::string::npos) return;
    }
}

std::optional<double> number_in(const std::string& file) {
    std::ifstream in(file);
    double value = 0;
    if (in >> value) return value;
    return std::nullopt;
}

void keep_least(std::optional<double>& least, double value) {
    least = least ? std::min(*least, value) : value;
}

// Bytes of files that the kernel keeps in memory for this group and those below it, and gives up as
// soon as the memory is wanted.
double page_cache(const std::string& folder, bool unified) {
    const std::string below = unified ? "" : "total_"; // version 2 always counts those below
    std::ifstream in(folder + "/memory.stat");
    double bytes = 0;
    std::string word;
    for (double value = 0; in >> word >> value;)
        if (word == below + "active_file" || word == below + "inactive_file") bytes += value;
    return bytes;
}

// The files of a controller that tell a limit and what is used of it.
struct Names {
    const char* limit;
    const char* used;
};

std::optional<unsigned long long>
left(const std::string& root, const std::string& controller, const Names& v2, const Names& v1,
     const std::function<double(const std::string& folder, bool unified)>& free_at_need) {
    constexpr double unlimited = 4e18; // version 1 writes "no limit" as a huge number
    std::optional<double> least;
    for (const Group& group : groups_of(root, controller))
        each_level(group, [&](const std::string& folder) {
            const Names& names = group.unified ? v2 : v1;
            const auto limit = number_in(folder + "/" + names.limit);
            if (!limit || *limit >= unlimited) return;
            const double used = number_in(folder + "/" + names.used).value_or(0);
            const double kept = std::max(0.0, used - free_at_need(folder, group.unified));
            keep_least(least, std::max(0.0, *limit - kept));
        });
    if (!least) return std::nullopt;
    return static_cast<unsigned long long>(*least);
}

} // namespace

std::optional<double> cgroup_cpu_quota(const std::string& root) {
    std::optional<double> least;
    for (const Group& group : groups_of(root, "cpu"))
        each_level(group, [&](const std::string& folder) {
            std::optional<double> quota, period;
            if (group.unified) {
                std::ifstream in(folder + "/cpu.max"); // "150000 100000", or "max 100000"
                double q = 0, p = 0;
                if (in >> q >> p) quota = q, period = p;
            } else {
                quota = number_in(folder + "/cpu.cfs_quota_us"); // -1: none
                period = number_in(folder + "/cpu.cfs_period_us");
            }
            if (quota && period && *quota > 0 && *period > 0) keep_least(least, *quota / *period);
        });
    return least;
}

std::optional<unsigned long long> cgroup_memory_left(const std::string& root) {
    return left(root, "memory", {"memory.max", "memory.current"},
                {"memory.limit_in_bytes", "memory.usage_in_bytes"}, page_cache);
}

std::optional<unsigned long long> cgroup_out_of_memory_kills(const std::string& root) {
    for (const Group& group : groups_of(root, "memory")) {
        std::ifstream in(group.mount + group.path +
                         (group.unified ? "/memory.events" : "/memory.oom_control"));
        std::string word;
        for (unsigned long long count = 0; in >> word >> count;)
            if (word == "oom_kill") return count;
    }
    return std::nullopt;
}

std::optional<unsigned long long> cgroup_processes_left(const std::string& root) {
    constexpr Names names = {"pids.max", "pids.current"};
    return left(root, "pids", names, names, [](const std::string&, bool) { return 0.0; });
}

} // namespace mp::os
