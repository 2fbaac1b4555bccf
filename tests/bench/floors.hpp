#pragma once

#include <functional>
#include <vector>

#include "bench/workload.hpp"

// The limits of the machine: the least that a pool of processes could cost.

namespace bench {

/// How the word is passed from one side to the other.
enum class Pair {
    processes, ///< two processes spin on shared memory
    threads,   ///< two threads spin on shared memory
    futex      ///< two processes sleep in futex(2) until the other wakes them
};

/// The time of a round trip between a pair, in seconds, as defined by typical_trip. The partner
/// exists only during this call.
double trip(Pair pair);

/// The same, each trip after both have slept; the median.
double trip_after_sleep(Pair pair, int trips);

double median(std::vector<double> values);

/// The number of trips in a batch, and of batches for a figure.
inline constexpr int trips_in_batch = 1000, batches = 100;

/// The seconds of one trip: the median over batches of a batch's average, so that a batch disturbed
/// by another program does not count. `go(i)` makes a trip. A first batch only warms up.
template <class F> double typical_trip(F go) {
    std::vector<double> times;
    for (int batch = 0; batch <= batches; ++batch) {
        const double took = seconds([&] {
            for (int i = 0; i < trips_in_batch; ++i) go(i);
        });
        if (batch != 0) times.push_back(took / trips_in_batch);
    }
    return median(times);
}

/// fork() and wait for `count` children that end at once.
void fork_and_wait(unsigned count);

/// Runs `figure` in a new child, a copy of this process. Errors: std::runtime_error when it throws
/// there.
double in_child(const std::function<double()>& figure);

/// The child is killed when its parent ends.
void end_with_parent();

/// Long enough for all idle workers to have gone to sleep.
void let_all_sleep();

/// A fixed amount of work, not of time: after an interruption all of it remains to be done.
std::uint32_t steps_from(std::uint32_t state, std::uint64_t steps);
/// How many steps take that long on this machine, in seconds.
std::uint64_t steps_that_take(double time);

} // namespace bench
