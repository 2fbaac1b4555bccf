#pragma once

#include <sys/types.h>

struct rusage;

namespace mpworkshop::sys {

/// CPU seconds, user and system, of this process and of its children that have been reaped.
double cpu_seconds();

/// CPU seconds, user and system, in what the kernel tells of a process.
double cpu_seconds(const rusage& used);

/// CPU seconds that another process of this user has used so far; 0 once it has ended.
double cpu_seconds_of(pid_t process);

} // namespace mpworkshop::sys
