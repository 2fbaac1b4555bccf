#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "mp/backends/worker_process.hpp"
#include "mp/os/event.hpp"
#include "mp/scheduler/scheduler.hpp"

namespace mp::detail {

/// When the owner of worker processes must look after them: which item has run for too long, and
/// which worker has been asked to end and did not. Thread-safety: as the owner's lock allows.
class ItemClocks {
public:
    /// `limit`: how long an item may run; 0: as long as it likes. The other two must outlive this.
    ItemClocks(Scheduler& scheduler, std::vector<WorkerProcess>& workers,
               std::chrono::nanoseconds limit)
        : scheduler_(scheduler), workers_(workers), limit_(limit) {}

    struct Item {
        std::int64_t began_ns, due_ns;
    };
    /// What the worker runs, where that has a time limit.
    std::optional<Item> item(unsigned worker) const noexcept;
    /// When to look next, at the latest.
    os::Deadline look_by() const noexcept;

private:
    Scheduler& scheduler_;
    std::vector<WorkerProcess>& workers_;
    std::chrono::nanoseconds limit_;
};

} // namespace mp::detail
