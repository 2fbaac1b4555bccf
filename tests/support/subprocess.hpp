#pragma once

#include <sys/types.h>

#include <set>
#include <string>

namespace support {

/// The processes whose parent is `pid`.
std::set<pid_t> children_of(pid_t pid);

/// Blocks until the child `pid` has ended, without reaping it.
void wait_until_zombie(pid_t pid);

/// What `function`, run in a child, and every process that it makes, write to standard output: a
/// pipe.
std::string output_of(void (*function)());

/// What outcome_of() gives for a program that could not do what it is for.
inline constexpr int skipped = 77;
/// Runs a program of its own, in a child: its exit code, or -N for signal N, which is SIGALRM if it
/// hangs. An exception goes to standard error and counts as 99.
int outcome_of(int (*program)());

/// A pipe that every process inherits which is made while this is there.
class Survivors {
public:
    Survivors();
    ~Survivors();
    Survivors(const Survivors&) = delete;
    Survivors& operator=(const Survivors&) = delete;
    /// Blocks until none of these processes is left; whether that worked. Once.
    bool wait_for_none();

private:
    int ends_[2] = {-1, -1};
};

} // namespace support
