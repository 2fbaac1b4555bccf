#include "mp/interrupt.hpp"

#include <atomic>

#include "mp/interrupt_event.hpp"
#include "mp/os/child.hpp"
#include "mp/os/event.hpp"

namespace mp {

namespace {

struct Bell {
    os::Doorbell doorbell;
    pid_t owner = os::current_pid();
};

std::atomic<bool> requested{false};
// Never destroyed while the process lives: a signal may come while the program exits.
std::atomic<Bell*> bell{nullptr};

// Its descriptor goes as well, while it is certain to be this one: a daemon closes by number all
// that it has inherited, and opens others.
void forget_parents_bell() { delete bell.exchange(nullptr); }

bool is_usable(const Bell* made) {
    return made != nullptr && made->owner == os::current_pid() && made->doorbell.is_intact();
}

} // namespace

namespace detail {

const os::Doorbell& interrupt_bell() {
    [[maybe_unused]] static const bool registered = (os::on_fork(forget_parents_bell), true);
    Bell* made = bell.load(std::memory_order_acquire);
    while (!is_usable(made)) {
        Bell* fresh = nullptr;
        try {
            fresh = new Bell;
        } catch (...) {
            if (made == nullptr) throw;
            break; // the old one is better than none
        }
        // One that is replaced stays: a signal handler may hold it, and its number is another's.
        if (bell.compare_exchange_strong(made, fresh))
            made = fresh;
        else
            delete fresh; // another thread was first
        if (requested.load()) made->doorbell.ring();
    }
    return made->doorbell;
}

void leave_parents_interrupt() noexcept {
    requested.store(false);
    forget_parents_bell();
}

} // namespace detail

void interrupt() noexcept {
    requested.store(true);
    if (const Bell* made = bell.load(std::memory_order_acquire)) made->doorbell.ring();
}

void clear_interrupt() noexcept {
    requested.store(false);
    if (const Bell* made = bell.load(std::memory_order_acquire)) made->doorbell.silence();
}

bool interrupted() noexcept { return requested.load(); }

} // namespace mp
