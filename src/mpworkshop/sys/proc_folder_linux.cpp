#include "mpworkshop/sys/proc_folder.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstdint>
#include <cstdio>
#include <memory>
#include <utility>

namespace mpworkshop::sys {
namespace {

double tick_s() {
    static const double seconds = 1 / double(::sysconf(_SC_CLK_TCK));
    return seconds;
}

using Path = std::array<char, 64>;

/// A path in the folder of a process.
Path path_of(pid_t process, const char* file) {
    Path path = {};
    std::snprintf(path.data(), path.size(), "/proc/%d/%s", int(process), file);
    return path;
}

/// A path in the folder of one of its threads.
Path path_of(pid_t process, pid_t thread, const char* file) {
    Path path = {};
    std::snprintf(path.data(), path.size(), "/proc/%d/task/%d/%s", int(process), int(thread), file);
    return path;
}

Descriptor open_file(const Path& path) {
    return Descriptor(::open(path.data(), O_RDONLY | O_CLOEXEC));
}

/// A short text, from its beginning; empty if there is none.
class Text {
public:
    explicit Text(const Descriptor& file)
        : size_(::pread(file.number(), bytes_.data(), bytes_.size(), 0)) {}
    explicit Text(const Path& path) : Text(open_file(path)) {}

    operator std::string_view() const {
        return {bytes_.data(), size_ > 0 ? std::size_t(size_) : 0};
    }

private:
    std::array<char, 1024> bytes_;
    ssize_t size_;
};

std::vector<pid_t> numbers_in(std::string_view text) {
    std::vector<pid_t> numbers;
    const char* const end = text.data() + text.size();
    for (const char* at = text.data(); at < end;) {
        pid_t number = 0;
        const auto [next, error] = std::from_chars(at, end, number);
        if (error == std::errc()) numbers.push_back(number);
        at = next + 1;
    }
    return numbers;
}

/// The entries of a folder that are numbers.
std::vector<pid_t> numbered_entries(const char* path) {
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path), ::closedir);
    std::vector<pid_t> numbers;
    while (folder) {
        const dirent* const entry = ::readdir(folder.get());
        if (entry == nullptr) break;
        const std::string_view name = entry->d_name;
        pid_t number = 0;
        const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
        if (error == std::errc() && end == name.data() + name.size()) numbers.push_back(number);
    }
    return numbers;
}

/// A whole file, however long.
std::string whole_text(const Path& path) {
    const Descriptor file = open_file(path);
    std::string text;
    std::array<char, 4096> buffer;
    for (ssize_t got = 0; (got = ::read(file.number(), buffer.data(), buffer.size())) > 0;)
        text.append(buffer.data(), std::size_t(got));
    return text;
}

/// A kernel may lack these counters, or leave them at 0.
bool has_schedstat() {
    static const bool has = [] {
        const auto own = parse_schedstat(Text(path_of(::getpid(), "schedstat")));
        return own && own->cpu_s > 0;
    }();
    return has;
}

} // namespace

std::optional<ProcStat> read_stat(pid_t process) {
    return parse_stat(Text(path_of(process, "stat")), tick_s());
}

std::optional<ProcStat> read_stat(pid_t process, pid_t thread) {
    return parse_stat(Text(path_of(process, thread, "stat")), tick_s());
}

std::vector<ProcStat> all_processes() {
    std::vector<ProcStat> all;
    for (const pid_t process : numbered_entries("/proc"))
        if (std::optional<ProcStat> stat = read_stat(process)) all.push_back(std::move(*stat));
    return all;
}

std::string read_name(pid_t process, pid_t thread) {
    std::string name(Text(path_of(process, thread, "comm")));
    if (name.ends_with('\n')) name.pop_back();
    return name;
}

std::vector<pid_t> threads_of(pid_t process) {
    return numbered_entries(path_of(process, "task").data());
}

unsigned usable_cpus_of(pid_t process) {
    cpu_set_t mask;
    if (::sched_getaffinity(process, sizeof mask, &mask) != 0) return 0;
    return static_cast<unsigned>(CPU_COUNT(&mask));
}

bool has_queued_signal(pid_t process, int signal) {
    constexpr std::string_view label = "\nShdPnd:\t";
    const std::string status = whole_text(path_of(process, "status"));
    const std::size_t at = status.find(label);
    if (at == status.npos) return false;
    std::uint64_t pending = 0;
    const char* const digits = status.data() + at + label.size();
    std::from_chars(digits, status.data() + status.size(), pending, 16);
    return (pending >> unsigned(signal - 1) & 1) != 0;
}

NewestProcess::NewestProcess() : file_(::open("/proc/loadavg", O_RDONLY | O_CLOEXEC)) {}

std::optional<long> NewestProcess::read() const {
    const Text text(file_);
    std::string_view words = text;
    words.remove_prefix(words.rfind(' ') + 1); // npos + 1 is 0
    long number = 0;
    if (std::from_chars(words.data(), words.data() + words.size(), number).ec != std::errc())
        return std::nullopt;
    return number;
}

Children::Children()
    : listed_(::access(path_of(::getpid(), ::getpid(), "children").data(), R_OK) == 0) {
    if (listed_) return;
    for (const ProcStat& each : all_processes()) by_parent_.emplace(each.parent, each.pid);
}

std::vector<pid_t> Children::of(pid_t process, const std::vector<pid_t>& threads) const {
    std::vector<pid_t> children;
    if (!listed_) {
        const auto [begin, end] = by_parent_.equal_range(process);
        for (auto each = begin; each != end; ++each) children.push_back(each->second);
    }
    for (const pid_t thread : threads) {
        if (!listed_) break;
        const auto more = numbers_in(whole_text(path_of(process, thread, "children")));
        children.insert(children.end(), more.begin(), more.end());
    }
    return children;
}

ThreadCounters::ThreadCounters(pid_t process, pid_t thread, KeepOpen keep)
    : process_(process), thread_(thread) {
    if (keep == KeepOpen::no) return;
    file_ = open_file(has_schedstat() ? path_of(process, thread, "schedstat")
                                      : path_of(process, thread, "stat"));
}

std::optional<ThreadReading> ThreadCounters::read() const {
    if (has_schedstat()) {
        const auto stat = parse_schedstat(
            is_open() ? Text(file_) : Text(path_of(process_, thread_, "schedstat")));
        if (!stat) return std::nullopt;
        return ThreadReading{stat->cpu_s, stat->ready_s};
    }
    const auto stat = is_open() ? parse_stat(Text(file_), tick_s()) : read_stat(process_, thread_);
    if (!stat) return std::nullopt;
    return ThreadReading{stat->cpu_s, {}};
}

} // namespace mpworkshop::sys
