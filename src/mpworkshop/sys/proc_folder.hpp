#pragma once

#include <sys/types.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/sys/descriptor.hpp"
#include "mpworkshop/sys/proc_stat.hpp"
#include "mpworkshop/sys/process_activity.hpp"

/// Reads /proc. The values of a process that has ended are empty, which is not an error.
namespace mpworkshop::sys {

/// Of a process, or of its thread `thread`.
std::optional<ProcStat> read_stat(pid_t process);
std::optional<ProcStat> read_stat(pid_t process, pid_t thread);
std::vector<ProcStat> all_processes();
std::string read_name(pid_t process, pid_t thread);

std::vector<pid_t> threads_of(pid_t process);

/// How many CPUs a process may run on; 0 if unknown.
unsigned usable_cpus_of(pid_t process);

/// Returns whether a signal sent to a process, rather than to one of its threads, is still pending.
bool has_queued_signal(pid_t process, int signal);

/// The number of the process or thread that was started last, by any program; empty if the kernel
/// does not report it. While it is unchanged, nothing new was started.
class NewestProcess {
public:
    NewestProcess();
    std::optional<long> read() const;

private:
    Descriptor file_;
};

/// The children of all processes at one moment.
class Children {
public:
    /// If the kernel does not list them for each process, reads all processes at once.
    Children();
    /// `threads`: the threads of the process.
    std::vector<pid_t> of(pid_t process, const std::vector<pid_t>& threads) const;

private:
    bool listed_;
    std::multimap<pid_t, pid_t> by_parent_;
};

/// The counters of one thread. Keeps the file open if allowed, which makes reading fast.
class ThreadCounters {
public:
    enum class KeepOpen { no, yes };

    ThreadCounters(pid_t process, pid_t thread, KeepOpen keep);
    /// Empty when it has ended.
    std::optional<ThreadReading> read() const;
    bool is_open() const { return file_.number() >= 0; }

private:
    pid_t process_, thread_;
    Descriptor file_;
};

} // namespace mpworkshop::sys
