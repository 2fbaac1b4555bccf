#pragma once

#include <cstddef>

#include "mp/backend.hpp"

namespace mp::detail {

/// A task of a job's items that a dead worker may have been running: they are run again, one at a
/// time.
struct Rerun {
    TaskSlot slot;
    JobId job;

    std::size_t next() const { return slot.first + slot.next; }
    std::size_t end() const { return slot.first + slot.end; }

    static Rerun& of(TaskSlot& task) { return reinterpret_cast<Rerun&>(task); }
    static const Rerun& of(const TaskSlot& task) { return reinterpret_cast<const Rerun&>(task); }
};

} // namespace mp::detail
