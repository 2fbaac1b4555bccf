#include "mp/interrupt.hpp"

#include <atomic>

#include "mp/interrupt_event.hpp"
#include "mp/os/child.hpp"
#include "mp/os/event.hpp"

namespace mp {

namespace {

struct OwnedEvent {
    os::EventFd fd;
    pid_t owner = os::current_pid();
};

std::atomic<bool> requested{false};
// Never destroyed: a signal may arrive while the program exits.
std::atomic<OwnedEvent*> event{nullptr};

// The descriptor is closed too, while its number is certain to be this event's. A daemon closes all
// inherited descriptors by number, and opens others.
void forget_parents_event() { delete event.exchange(nullptr); }

bool is_usable(const OwnedEvent* made) {
    return made != nullptr && made->owner == os::current_pid() && made->fd.is_intact();
}

} // namespace

namespace detail {

const os::EventFd& interrupt_event() {
    [[maybe_unused]] static const bool registered = (os::on_fork(forget_parents_event), true);
    OwnedEvent* made = event.load(std::memory_order_acquire);
    while (!is_usable(made)) {
        OwnedEvent* fresh = nullptr;
        try {
            fresh = new OwnedEvent;
        } catch (...) {
            if (made == nullptr) throw;
            break; // the old one is better than none
        }
        // A replaced one stays: a signal handler may hold it, and its number belongs to another.
        if (event.compare_exchange_strong(made, fresh))
            made = fresh;
        else
            delete fresh; // another thread was faster
        if (requested.load()) made->fd.notify();
    }
    return made->fd;
}

void leave_parents_interrupt() noexcept {
    requested.store(false);
    forget_parents_event();
}

} // namespace detail

void interrupt() noexcept {
    requested.store(true);
    if (const OwnedEvent* made = event.load(std::memory_order_acquire)) made->fd.notify();
}

void clear_interrupt() noexcept {
    requested.store(false);
    if (const OwnedEvent* made = event.load(std::memory_order_acquire)) made->fd.clear();
}

bool interrupted() noexcept { return requested.load(); }

} // namespace mp
