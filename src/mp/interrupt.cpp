#include "mp/interrupt.hpp"

#include <atomic>

#include "mp/interrupt_bell.hpp"
#include "mp/os/event.hpp"

namespace mp {

namespace {

std::atomic<bool> requested{false};
// Never destroyed while the process lives: a signal may come while the program exits.
std::atomic<os::Doorbell*> bell{nullptr};

} // namespace

namespace detail {

const os::Doorbell& interrupt_bell() {
    os::Doorbell* made = bell.load(std::memory_order_acquire);
    if (made == nullptr) {
        auto* fresh = new os::Doorbell;
        if (bell.compare_exchange_strong(made, fresh))
            made = fresh;
        else
            delete fresh; // another thread was first
        if (requested.load()) made->ring();
    }
    return *made;
}

void leave_parents_interrupt() noexcept {
    requested.store(false);
    delete bell.exchange(nullptr);
}

} // namespace detail

void interrupt() noexcept {
    requested.store(true);
    if (const os::Doorbell* made = bell.load(std::memory_order_acquire)) made->ring();
}

void clear_interrupt() noexcept {
    requested.store(false);
    if (const os::Doorbell* made = bell.load(std::memory_order_acquire)) made->silence();
}

bool interrupted() noexcept { return requested.load(); }

} // namespace mp
