#include "mp/scheduler/job_slot.hpp"

#include <cstring>

namespace mp::detail {

void JobSlot::fill(const Job& job, const Grains& grains, std::byte* closure, Flag* flags) noexcept {
    job_ = job;
    grains_ = grains;
    job_.closure = closure != nullptr ? closure : closure_;
    std::memcpy(closure != nullptr ? closure : closure_, job.closure, job.closure_size);
    flags_ = flags != nullptr ? flags : inline_flags_.data();
    std::memset(static_cast<void*>(flags_), static_cast<int>(GrainState::open), grains.count);
    audit_.store(false, std::memory_order_relaxed); // publish() comes later
    // Release: a thread of the owner's that reads this count while it asks for the job before finds
    // that job withdrawn when it looks at the name again.
    unreported_.store(grains.count, std::memory_order_release);
}

void JobSlot::mark_items(std::size_t from, std::size_t to, GrainState state) noexcept {
    for (std::size_t grain = from / grains_.size; grain * grains_.size < to; ++grain)
        if (std::min((grain + 1) * grains_.size, job_.size) <= to)
            flags_[grain].store(state, std::memory_order_release);
}

} // namespace mp::detail
