#pragma once

namespace mp::os {
class EventFd;
}

namespace mp::detail {

/// The event that is set while mp::interrupt() is in force. There is one for the life of the
/// process, unless the program closes its descriptor. Errors: std::system_error, on first use.
const os::EventFd& interrupt_event();

/// In a new child: the child shares neither the parent's interrupt nor its event.
void leave_parents_interrupt() noexcept;

} // namespace mp::detail
