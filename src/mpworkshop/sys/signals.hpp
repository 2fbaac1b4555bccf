#pragma once

namespace mpworkshop::sys {

/// From here on SIGINT, SIGTERM, SIGHUP and SIGXCPU interrupt the engine and every wait below; a
/// second one kills at once. One of them that was ignored when the program began stays ignored.
/// Whatever else the caller left behind: no signal is blocked, SIGPIPE ends the program silently, a
/// child's end can be waited for, a write past the limit of a file's size is an error, and the
/// limit of CPU time sends SIGXCPU before it kills.
void install_signal_handlers();

/// While it lives, the first of these signals kills at once: for work in this process that nothing
/// else can cut short. Errors: mp::Interrupted if one came before.
class ImmediateSignals {
public:
    ImmediateSignals();
    ~ImmediateSignals();
    ImmediateSignals(const ImmediateSignals&) = delete;
    ImmediateSignals& operator=(const ImmediateSignals&) = delete;
};

/// In a child that is about to become another program: the signal mask, the signals that are
/// ignored and the limit of CPU time are as this process got them. Makes only calls that are safe
/// there.
void restore_inherited_signals();

/// The signal that came, 0 if none did.
int caught_signal();

/// A descriptor that can be read from when the first signal was caught; -1 without handlers.
int signal_event();

/// Ends this process as that signal would have, so that a shell sees it; without a core file.
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
