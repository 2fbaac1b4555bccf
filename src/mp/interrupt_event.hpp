#pragma once

namespace mp::os {
class Doorbell;
}

namespace mp::detail {

/// Rings, and stays ringing, while mp::interrupt() is in force. One for the process's life, unless
/// the program closes its descriptor. Errors: std::system_error, the first time.
const os::Doorbell& interrupt_bell();

/// In a new child: the parent's interrupt is not the child's, nor is its bell.
void leave_parents_interrupt() noexcept;

} // namespace mp::detail
