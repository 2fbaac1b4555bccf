#pragma once

#include <functional>
#include <vector>

// What the machine itself can do: the least that a pool of processes could cost.

namespace bench {

/// What passes the word from one to the other.
enum class Pair {
    processes, ///< two processes spin on shared memory
    threads,   ///< two threads do
    futex      ///< two processes sleep in futex(2) until the other wakes them
};

/// There and back between a pair, in seconds each, on average; the first hundredth is not counted.
/// The partner exists only as long as this call.
double trip(Pair pair, int trips);

/// The same, each trip after a sleep of both, by the median.
double trip_after_sleep(Pair pair, int trips);

/// fork() and wait for `count` children that end at once.
void fork_and_wait(unsigned count);

/// Runs `measure` in a child of its own, which is as this process is now. Errors:
/// std::runtime_error when it throws there.
double in_child(const std::function<double()>& measure);

/// The child is killed when its parent ends.
void end_with_parent();

/// Long enough for all who wait for work to have gone to sleep.
void let_all_sleep();

double median(std::vector<double> values);

} // namespace bench
