#pragma once

#include <sys/types.h>

#include <csignal>

namespace mpworkshop::sys {

/// While this object exists, stops and continues a process group together with this process. It
/// handles SIGTSTP and SIGCONT. Make it while every signal is blocked; they are handled where the
/// caller unblocks them. Thread-safety: one at a time, in the main thread.
class Suspensions {
public:
    explicit Suspensions(pid_t group);
    /// Removes everything and restores the signals.
    ~Suspensions();
    Suspensions(const Suspensions&) = delete;
    Suspensions& operator=(const Suspensions&) = delete;

    /// From here on SIGSTOP, which no process can catch, stops the group within a tenth of a
    /// second: a helper process watches for it. If none can be started, the group keeps running.
    void watch();
    /// The helper process; -1 if there is none.
    pid_t helper() const { return watcher_; }

    /// After SIGTSTP: stops the group and this process. Returns after SIGCONT.
    void stop_if_asked();

    /// Returns whether this process was stopped and continued.
    bool any() const;

private:
    pid_t group_;
    pid_t watcher_ = -1;
    struct sigaction stop_before_ = {}, continue_before_ = {};
};

} // namespace mpworkshop::sys
