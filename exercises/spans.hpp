#pragma once

#include <cstddef>
#include <vector>

#include "mpworkshop/gantt.hpp"

/// Who worked when.
namespace exercises {

/// The steady clock, in seconds: the same for all processes of a machine.
double clock_s();

/// One task of a pool, as its worker saw it.
struct Span {
    unsigned worker = 0;
    double begin_s = 0;
    double end_s = 0;
};

/// How much of their time `workers` did not work, from 0 to 1, when the whole
/// took `wall_s`.
double idle_share(const std::vector<Span>& spans, unsigned workers,
                  double wall_s);

/// A lane for each worker: a bar for each chunk that it took, then the wait
/// for the last worker. `spans`: in the order of the tasks, which were handed
/// out `chunksize` at once.
std::vector<mpworkshop::GanttLane> lanes_of(const std::vector<Span>& spans,
                                            unsigned workers,
                                            std::size_t chunksize);

/// When a thread really ran: told the time again and again, it takes every
/// jump of the clock for a time in which another one had the CPU.
class RunIntervals {
public:
    /// A jump is more than `gap_s` between two notes.
    explicit RunIntervals(double gap_s) : gap_s_(gap_s) {}
    void note(double now_s);
    const std::vector<mpworkshop::GanttBar>& bars() const { return bars_; }

private:
    double gap_s_;
    std::vector<mpworkshop::GanttBar> bars_;
};

} // namespace exercises
