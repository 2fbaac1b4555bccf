#pragma once

namespace mp {

/// Makes every wait in the library, now and later, end with mp::Interrupted, until
/// clear_interrupt(). A pool that is interrupted during a map is terminated; its workers are gone
/// when the error is thrown. Thread-safety: any thread. Async-signal-safe: a signal handler may
/// call it.
void interrupt() noexcept;

/// Clears an interrupt.
void clear_interrupt() noexcept;

/// Returns whether interrupt() was called. Async-signal-safe.
bool interrupted() noexcept;

} // namespace mp
