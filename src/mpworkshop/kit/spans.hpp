#pragma once

#include <mp/mp.hpp>

#include <string>
#include <vector>

#include "mpworkshop/kit/gantt.hpp"

/// When each worker worked.
namespace mpworkshop::kit {

/// What the workers of a pool did with their time, as shares of it from 0 to 1. The rest is work.
struct LostShares {
    double idle = 0;  ///< without work
    double ready = 0; ///< with work, waiting for a CPU
};

/// The shares when the whole took `wall_s`.
LostShares lost_shares(const std::vector<mp::Span>& spans, unsigned workers, double wall_s);

/// What each worker did for the last job of a pool that records a trace.
std::vector<mp::Span> last_job(std::vector<mp::Span> trace);

/// A lane for each worker: a bar for each chunk that it took, the times in it when it waited for a
/// CPU, and its waits for chunks and for the last worker.
std::vector<GanttLane> lanes_of(std::vector<mp::Span> spans, unsigned workers);

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
