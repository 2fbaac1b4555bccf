#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

/// Parses the texts in which the kernel reports on a process or a thread.
namespace mpworkshop::sys {

/// The contents of /proc/PID/stat, or /proc/PID/task/TID/stat.
struct ProcStat {
    pid_t pid = 0;
    std::string name = {}; ///< any bytes, including brackets and newlines
    char state = ' ';      ///< 'R': running or ready, 'Z': ended, ...
    pid_t parent = 0;
    double cpu_s = 0;        ///< user and system; for a process, of all its threads
    double reaped_cpu_s = 0; ///< of descendants that have ended and been reaped
};

/// Times are counted in ticks of `tick_s` seconds. Empty if the text is malformed.
std::optional<ProcStat> parse_stat(std::string_view text, double tick_s);

/// The contents of /proc/PID/task/TID/schedstat, for one thread.
struct SchedStat {
    double cpu_s = 0;
    double ready_s = 0; ///< ready to run while other threads had the CPUs
};

/// Empty if the text is malformed.
std::optional<SchedStat> parse_schedstat(std::string_view text);

} // namespace mpworkshop::sys
