#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

/// The texts in which the kernel tells about a process or a thread.
namespace mpworkshop::sys {

/// What /proc/PID/stat, or /proc/PID/task/TID/stat, says.
struct ProcStat {
    pid_t pid = 0;
    std::string name = {}; ///< any bytes, brackets and line ends among them
    char state = ' ';      ///< 'R' computes or is ready to, 'Z' has ended, ...
    pid_t parent = 0;
    double cpu_s = 0;        ///< user and system, of all its threads where it is a process
    double reaped_cpu_s = 0; ///< of its descendants that have ended and been reaped
};

/// Times are counted in ticks of `tick_s` seconds. Empty if it is no such text.
std::optional<ProcStat> parse_stat(std::string_view text, double tick_s);

/// What /proc/PID/task/TID/schedstat says of one thread.
struct SchedStat {
    double cpu_s = 0;
    double ready_s = 0; ///< ready to compute while others had the CPUs
};

/// Empty if it is no such text.
std::optional<SchedStat> parse_schedstat(std::string_view text);

} // namespace mpworkshop::sys
