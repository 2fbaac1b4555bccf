#pragma once

namespace mpworkshop::sys {

/// From here on SIGINT, SIGTERM, SIGHUP and SIGXCPU interrupt the engine and every wait below; a
/// second one kills at once. Those that were ignored when the program began stay ignored. Other
/// inherited settings are reset: no signal is blocked, SIGPIPE ends the program silently, the end
/// of a child can be waited for, a write past the file size limit is an error, and the CPU time
/// limit sends SIGXCPU before it kills.
void install_signal_handlers();

/// While this object exists, the first of these signals kills at once: for work in this process
/// that nothing else can interrupt. Errors: mp::Interrupted if a signal came before.
class ImmediateSignals {
public:
    ImmediateSignals();
    ~ImmediateSignals();
    ImmediateSignals(const ImmediateSignals&) = delete;
    ImmediateSignals& operator=(const ImmediateSignals&) = delete;
};

/// In a child that is about to become another program: restores the signal mask, the ignored
/// signals and the CPU time limit that this process inherited. Makes only async-signal-safe calls.
void restore_inherited_signals();

/// The signal that was caught, 0 if none was.
int caught_signal();

/// A descriptor that is readable once the first signal was caught; -1 without handlers.
int signal_event();

/// Ends this process by that signal, so that a shell sees it; without a core file.
[[noreturn]] void die_by_signal(int signal);

/// Sleeps; a caught signal wakes it at once, and it returns false. Thread-safety: any number of
/// threads. Blocks for that time.
bool sleep_for(double seconds);

/// Waits until a read would not block, including at the end of a file; returns false for a signal,
/// even one that came just before.
bool wait_to_read(int descriptor);

/// Keeps signals away from the calling thread and from those it starts, so that the main thread
/// gets them.
void leave_signals_to_main_thread();

} // namespace mpworkshop::sys
