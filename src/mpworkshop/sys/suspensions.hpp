#pragma once

#include <sys/types.h>

#include <csignal>

namespace mpworkshop::sys {

/// Stops and continues a process group along with this process, while it lives. It takes SIGTSTP
/// and SIGCONT. Make it where every signal is blocked; they are handled where the caller lets them
/// come. Thread-safety: one at a time, in the main thread.
class Suspensions {
public:
    explicit Suspensions(pid_t group);
    /// Nothing of it is left, and the signals are as they were.
    ~Suspensions();
    Suspensions(const Suspensions&) = delete;
    Suspensions& operator=(const Suspensions&) = delete;

    /// From here on SIGSTOP, which no process can catch, stops the group within a tenth of a
    /// second: a process looks after it. Where none can be started, the group runs on.
    void watch();
    /// The process that looks after it; -1 if there is none.
    pid_t helper() const { return watcher_; }

    /// After SIGTSTP: stops the group and this process. Returns after SIGCONT.
    void stop_if_asked();

    /// Whether this process was stopped and continued.
    bool any() const;

private:
    pid_t group_;
    pid_t watcher_ = -1;
    struct sigaction stop_before_ = {}, continue_before_ = {};
};

} // namespace mpworkshop::sys
