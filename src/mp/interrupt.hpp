#pragma once

namespace mp {

/// Makes every wait in the library, now and later, end with mp::Interrupted, until
/// clear_interrupt(). A pool that is interrupted in the middle of a map is terminated, its workers
/// gone when the error arrives. Thread-safety: any thread; async-signal-safe, so that a signal
/// handler can call it.
void interrupt() noexcept;

/// Forgets an interrupt.
void clear_interrupt() noexcept;

/// Whether interrupt() was called. Async-signal-safe.
bool interrupted() noexcept;

} // namespace mp
