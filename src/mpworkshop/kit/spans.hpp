#pragma once

#include <mp/mp.hpp>

#include <string>
#include <vector>

#include "mpworkshop/kit/gantt.hpp"

/// When each worker worked.
namespace mpworkshop::kit {

/// A period of work of one worker.
struct Span {
    unsigned worker = 0;
    double begin_s = 0;
    double end_s = 0;
};

/// The share of their time that `workers` were idle, from 0 to 1, when the whole
/// took `wall_s`.
double idle_share(const std::vector<Span>& spans, unsigned workers, double wall_s);

/// When each worker worked on the last job of a pool that records a trace.
std::vector<Span> last_job(const std::vector<mp::Span>& trace);

/// A lane for each worker: a bar for each chunk that it took, then the wait for the last worker.
std::vector<GanttLane> lanes_of(const std::vector<Span>& spans, unsigned workers);

/// When a thread really ran: it reads the clock again and again, and takes every
/// jump for a time in which another thread had the CPU.
class RunIntervals {
public:
    /// A jump is more than `gap_s` between two readings.
    explicit RunIntervals(double gap_s) : gap_s_(gap_s) {}
    void note(double now_s);
    const std::vector<GanttBar>& bars() const { return bars_; }

private:
    double gap_s_;
    std::vector<GanttBar> bars_;
};

/// A lane for each, called `name` and its number from 1 on. They begin at zero, so that one chart
/// can show several runs.
std::vector<GanttLane> lanes_of(const std::vector<RunIntervals>& ran, const std::string& name);

} // namespace mpworkshop::kit
