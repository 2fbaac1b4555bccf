#pragma once

#include <functional>
#include <vector>

#include "bench/workload.hpp"

// What the machine itself can do: the least that a pool of processes could cost.

namespace bench {

/// What passes the word from one to the other.
enum class Pair {
    processes, ///< two processes spin on shared memory
    threads,   ///< two threads do
    futex      ///< two processes sleep in futex(2) until the other wakes them
};

/// There and back between a pair, in seconds each, as typical_trip counts. The partner exists only
/// as long as this call.
double trip(Pair pair);

/// The same, each trip after a sleep of both, by the median.
double trip_after_sleep(Pair pair, int trips);

double median(std::vector<double> values);

/// So many trips are a batch, so many batches a figure.
inline constexpr int trips_in_batch = 1000, batches = 100;

/// The seconds of one trip: the median over batches of a batch's average, so that a batch in which
/// something else had the CPU does not count. `go(i)` makes a trip. A first batch only wakes all.
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

/// Runs `figure` in a child of its own, which is as this process is now. Errors:
/// std::runtime_error when it throws there.
double in_child(const std::function<double()>& figure);

/// The child is killed when its parent ends.
void end_with_parent();

/// Long enough for all who wait for work to have gone to sleep.
void let_all_sleep();

/// Work of a fixed amount, not of a time: who is interrupted has still all of it to do.
std::uint32_t steps_from(std::uint32_t state, std::uint64_t steps);
/// So many steps take that long on this machine, in seconds.
std::uint64_t steps_that_take(double time);

} // namespace bench
