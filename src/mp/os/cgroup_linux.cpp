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

// A mounted hierarchy of cgroups.
struct Mount {
    bool unified;
    std::string inside; // the part of the tree that it shows
    std::string point;
    std::string options; // of version 1: its controllers
};

// From lines such as "30 24 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup rw". Those of other file
// systems, which are most, are skipped unread.
std::vector<Mount> cgroup_mounts(const std::string& root) {
    std::vector<Mount> found;
    std::ifstream mounts(root + "/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        const auto about = line.find(" - cgroup");
        if (about == std::string::npos) continue;
        std::istringstream where(line), words(line.substr(about + 3));
        std::string id, parent, device, inside, point, type, source, options;
        where >> id >> parent >> device >> inside >> point;
        words >> type >> source >> options;
        if (type == "cgroup" || type == "cgroup2")
            found.push_back({type == "cgroup2", inside, point, options});
    }
    return found;
}

// In a container the mount may show only the part of the tree below `inside`.
std::string path_below(const std::string& inside, const std::string& path) {
    const bool below = inside != "/" && path.starts_with(inside) &&
                       (path.size() == inside.size() || path[inside.size()] == '/');
    const std::string rest = below ? path.substr(inside.size()) : path;
    return rest == "/" ? "" : rest;
}

// The hierarchies that have `controller`: that of version 1, and that of version 2.
std::vector<Group> groups_of(const std::string& root, const std::string& controller) {
    const std::vector<Mount> mounts = cgroup_mounts(root);
    std::vector<Group> found;
    std::ifstream groups(root + "/proc/self/cgroup");
    for (std::string line; std::getline(groups, line);) { // "4:cpu,cpuacct:/job/7" or "0::/job/7"
        auto first = line.find(':');
        auto second = line.find(':', first + 1);
        if (first == std::string::npos || second == std::string::npos) continue;
        std::string controllers = line.substr(first + 1, second - first - 1);
        bool unified = controllers.empty();
        if (!unified && !has_word(controllers, controller)) continue;
        for (const Mount& mount : mounts) {
            if (mount.unified != unified || (!unified && !has_word(mount.options, controller)))
                continue;
            found.push_back(
                {unified, root + mount.point, path_below(mount.inside, line.substr(second + 1))});
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
