#include "mp/backends/item_clocks.hpp"

#include <algorithm>

namespace mp::detail {

std::optional<ItemClocks::Item> ItemClocks::item(unsigned worker) const noexcept {
    const std::int64_t began = scheduler_.shared_state().worker_slot(worker).item_began_ns();
    if (limit_.count() <= 0 || began == 0 || scheduler_.is_marked_for_kill(worker))
        return std::nullopt;
    return Item{began, workers_[worker].due_ns(began, limit_.count(), scheduler_.stopped_ns(),
                                               scheduler_.resumed_ns())};
}

os::Deadline ItemClocks::look_by() const noexcept {
    using std::chrono::milliseconds, std::chrono::nanoseconds;
    os::Deadline next;
    if (limit_.count() > 0) // an item that begins in the meantime is seen then
        next = os::Clock::now() +
               std::clamp<nanoseconds>(limit_ / 16, milliseconds(1), milliseconds(100));
    const auto not_after = [&next](os::Clock::time_point at) {
        next = next ? std::min(*next, at) : at;
    };
    for (unsigned i = 0; i < workers_.size(); ++i) {
        if (!workers_[i]) continue;
        if (const os::Deadline at = workers_[i].kill_at()) not_after(*at);
        if (const auto item = this->item(i))
            not_after(os::Clock::time_point(nanoseconds(item->due_ns)));
    }
    return next;
}

} // namespace mp::detail
