#pragma once

namespace mpworkshop::sys {

/// From here on SIGINT, SIGTERM and SIGHUP interrupt the engine and every wait below; a second one
/// kills at once. A signal that was ignored when the program began stays ignored. SIGPIPE ends the
/// program, silently.
void install_signal_handlers();

/// The signal that came, 0 if none did.
int caught_signal();

/// Ends this process as that signal would have, so that a shell sees it.
[[noreturn]] void die_by_signal(int signal);

/// Sleeps, and wakes at once for a caught signal: then it is false. Thread-safety: any number of
/// threads. Blocks: for that time.
bool sleep_for(double seconds);

/// Waits until a read would not block, at the end of a file too; false for a signal, also for one
/// that came just before.
bool wait_to_read(int descriptor);

/// Keeps signals away from the calling thread and from those it starts, so that the main thread
/// gets them.
void leave_signals_to_main_thread();

} // namespace mpworkshop::sys
