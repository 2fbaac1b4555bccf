#pragma once

#include <cstdint>

#include "mp/scheduler/shared_state.hpp"

namespace mp::detail {

/// A worker without work: blocks until there may be some, or the event is no longer at `seen`. It
/// spins for a while if it may, then polls, then sleeps; the order of these is in shared_state.hpp.
/// Whether it was a long sleep.
bool wait_for_work(SharedState& shared, unsigned worker, std::uint32_t seen,
                   bool may_spin) noexcept;

} // namespace mp::detail
