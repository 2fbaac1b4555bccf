#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "mp/backends/worker_process.hpp"
#include "mp/os/event.hpp"
#include "mp/scheduler/scheduler.hpp"

namespace mp::detail {

/// Tells the owner when to check its worker processes: which item has run for too long, and which
/// worker was asked to end and has not. Thread-safety: protected by the owner's lock.
class ItemClocks {
public:
    /// `limit`: how long an item may run; 0: no limit. The other two arguments must outlive this.
    ItemClocks(Scheduler& scheduler, std::vector<WorkerProcess>& workers,
               std::chrono::nanoseconds limit)
        : scheduler_(scheduler), workers_(workers), limit_(limit) {}

    struct Item {
        std::int64_t began_ns, due_ns;
    };
    /// What the worker runs, if there is a time limit.
    std::optional<Item> item(unsigned worker) const noexcept;
    /// The latest time of the next check.
    os::Deadline look_by() const noexcept;

private:
    Scheduler& scheduler_;
    std::vector<WorkerProcess>& workers_;
    std::chrono::nanoseconds limit_;
};

} // namespace mp::detail
