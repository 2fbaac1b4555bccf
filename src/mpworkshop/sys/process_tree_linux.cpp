#include "mpworkshop/sys/process_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string>

#include "mpworkshop/sys/descriptor.hpp"
#include "mpworkshop/sys/usage.hpp"

namespace mpworkshop::sys {
namespace {

std::optional<long> next_number(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(' '), text.size()));
    long number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return std::nullopt;
    text.remove_prefix(std::size_t(end - text.data()));
    return number;
}

bool has_children() {
    siginfo_t about = {};
    return ::waitid(P_ALL, 0, &about, WEXITED | WNOHANG | WNOWAIT) == 0 || errno != ECHILD;
}

std::optional<ProcessEntry> read_process(const char* pid) {
    const std::string path = std::string("/proc/") + pid + "/stat";
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    std::array<char, 1024> text;
    const ssize_t got = ::read(file.number(), text.data(), text.size());
    if (got <= 0) return std::nullopt; // it has ended
    return parse_process({text.data(), std::size_t(got)}, 1 / double(::sysconf(_SC_CLK_TCK)));
}

std::vector<ProcessEntry> all_processes() {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir("/proc"), ::closedir);
    std::vector<ProcessEntry> all;
    if (!folder) return all;
    while (const dirent* entry = ::readdir(folder.get()))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            if (const auto process = read_process(entry->d_name)) all.push_back(*process);
    return all;
}

} // namespace

std::optional<ProcessEntry> parse_process(std::string_view stat, double tick_s) {
    ProcessEntry entry;
    const std::optional<long> pid = next_number(stat);
    const std::size_t name_end = stat.rfind(") "); // a name may contain anything
    if (!pid || name_end == stat.npos || name_end + 3 > stat.size()) return std::nullopt;
    entry.pid = static_cast<pid_t>(*pid);
    stat.remove_prefix(name_end + 3); // and the state

    constexpr std::size_t first = 4, parent = 4, cutime = 16, cstime = 17; // as in proc(5)
    for (std::size_t field = first; field <= cstime; ++field) {
        const std::optional<long> number = next_number(stat);
        if (!number) return std::nullopt;
        if (field == parent) entry.parent = static_cast<pid_t>(*number);
        if (field == cutime || field == cstime) entry.reaped_cpu_s += double(*number) * tick_s;
    }
    return entry;
}

std::vector<ProcessEntry> tree_of(pid_t root, const std::vector<ProcessEntry>& all) {
    std::vector<ProcessEntry> tree;
    for (const ProcessEntry& each : all)
        if (each.pid == root) tree.push_back(each);
    for (std::size_t i = 0; i < tree.size(); ++i)
        for (const pid_t parent = tree[i].pid; const ProcessEntry& each : all)
            if (each.parent == parent && each.pid != root) tree.push_back(each);
    return tree;
}

std::optional<double> cpu_seconds_of_tree(pid_t root) {
    const pid_t self = ::getpid();
    if (root == self && !has_children()) return cpu_seconds();
    const std::vector<ProcessEntry> tree = tree_of(root, all_processes());
    if (tree.empty()) return std::nullopt;
    double seconds = 0;
    for (const ProcessEntry& each : tree)
        seconds += each.pid == self ? cpu_seconds() : each.reaped_cpu_s + cpu_seconds_of(each.pid);
    return seconds;
}

} // namespace mpworkshop::sys
