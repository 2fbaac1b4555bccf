#pragma once

#include <sys/types.h>

#include <set>
#include <string>

namespace support {

/// The processes whose parent is `pid`.
std::set<pid_t> children_of(pid_t pid);

/// Blocks until the child `pid` has ended, without reaping it.
void wait_until_zombie(pid_t pid);

/// Runs `function` in a child. Returns what it, and every process that it starts, writes to
/// standard output, which is a pipe.
std::string output_of(void (*function)());

/// What outcome_of() returns for a program that could not do its work.
inline constexpr int skipped = 77;
/// Runs `program` in a child. Returns its exit code, or -N for signal N, which is SIGALRM if it
/// hangs. An exception is written to standard error and counts as 99.
int outcome_of(int (*program)());

/// A pipe that is inherited by every process started while it exists.
class Survivors {
public:
    Survivors();
    ~Survivors();
    Survivors(const Survivors&) = delete;
    Survivors& operator=(const Survivors&) = delete;
    /// Blocks until none of these processes is left; returns whether that succeeded. Call once.
    bool wait_for_none();

private:
    int ends_[2] = {-1, -1};
};

} // namespace support
