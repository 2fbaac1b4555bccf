#include "mpworkshop/sys/process_tree.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>

#include "mpworkshop/sys/proc_folder.hpp"
#include "mpworkshop/sys/usage.hpp"

namespace mpworkshop::sys {
namespace {

bool has_children() {
    siginfo_t about = {};
    return ::waitid(P_ALL, 0, &about, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

} // namespace

std::vector<ProcStat> tree_of(pid_t root, const std::vector<ProcStat>& all) {
    std::vector<ProcStat> tree;
    for (const ProcStat& each : all)
        if (each.pid == root) tree.push_back(each);
    for (std::size_t i = 0; i < tree.size(); ++i)
        for (const pid_t parent = tree[i].pid; const ProcStat& each : all)
            if (each.parent == parent && each.pid != root) tree.push_back(each);
    return tree;
}

std::optional<double> cpu_seconds_of_tree(pid_t root) {
    const pid_t self = ::getpid();
    if (root == self && !has_children()) return cpu_seconds();
    const std::vector<ProcStat> tree = tree_of(root, all_processes());
    if (tree.empty()) return std::nullopt;
    double seconds = 0;
    for (const ProcStat& each : tree)
        seconds += each.pid == self ? cpu_seconds() : each.reaped_cpu_s + cpu_seconds_of(each.pid);
    return seconds;
}

} // namespace mpworkshop::sys
