#pragma once

namespace mp::os {
class EventFd;
}

namespace mp::detail {

/// Rings, and stays ringing, while mp::interrupt() is in force. One for the process's life, unless
/// the program closes its descriptor. Errors: std::system_error, the first time.
const os::EventFd& interrupt_event();

/// In a new child: the parent's interrupt is not the child's, nor is its bell.
void leave_parents_interrupt() noexcept;

} // namespace mp::detail
