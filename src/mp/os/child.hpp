#pragma once

#include <sys/types.h>

#include <atomic>
#include <limits>
#include <optional>
#include <vector>

#include "mp/os/descriptor.hpp"

namespace mp::os {

/// This process's id without a system call; correct in every child, however it was forked.
pid_t current_pid() noexcept;

pid_t parent_pid() noexcept;

/// Flushes the standard streams, so that a child does not print again what was printed here.
void flush_streams() noexcept;

/// Flushes the standard streams, then forks with all signals blocked during the fork. Returns the
/// child's pid, or 0 in the child, which has default handlers and an empty mask. Errors:
/// std::system_error; the parent's mask is then restored.
pid_t fork_child();

/// Flushes, then exits without running destructors or exit handlers, which belong to the parent.
[[noreturn]] void exit_child(int code) noexcept;

/// Calls `function` in each child that fork() makes from now on, on the thread that forked.
void on_fork(void (*function)()) noexcept;

/// Sends a signal; 0 sends none. Returns false if this process may not, because it has given up
/// rights (as by setuid) since it started the child. A child that is gone is not an error.
bool send_signal(pid_t pid, int signal) noexcept;

/// Kills the process that `watch` (from watch_exit) refers to, never one that reused its pid;
/// without a watch, `pid`.
void kill_watched(const Descriptor& watch, pid_t pid) noexcept;

/// A descendant, and what distinguishes it from a process that reuses its pid.
struct Descendant {
    pid_t pid;
    unsigned long long started; ///< in the kernel's clock ticks
};

/// Stops a process and all its descendants, so that they start no more. Returns the descendants;
/// empty where the kernel does not list them. They stay stopped; `pid` itself gets the signal
/// `then`, unless that is 0, and continues.
std::vector<Descendant> stop_descendants(pid_t pid, int then) noexcept;

/// Returns whether it has a child.
bool has_children(pid_t pid) noexcept;

/// Kills those that still exist.
void kill_descendants(const std::vector<Descendant>& processes) noexcept;

/// The exit status of a child that was reaped by another part of the program, or by the kernel
/// because SIGCHLD is ignored.
inline constexpr int unknown_exit = std::numeric_limits<int>::min();

/// Reaps a child. Returns its exit code, -N for signal N, or unknown_exit. Empty while it runs, if
/// `block` is false.
std::optional<int> reap(pid_t pid, bool block) noexcept;

/// Whether a child that was stopped, as by Ctrl-Z, has continued since the last call.
bool has_continued(pid_t pid) noexcept;

/// A descriptor that is readable once process `pid` has ended; empty where the kernel has none.
Descriptor watch_exit(pid_t pid) noexcept;

/// Arranges that the calling process is killed when `parent` ends. If the thread that forked is not
/// the main thread of its process, the kernel would use the end of that thread instead; then
/// nothing is done and false is returned.
bool die_with_parent(pid_t parent, bool forked_by_main_thread) noexcept;

/// Arranges that the calling process is killed when the other end of this channel is closed
/// everywhere, or a message is sent there. Returns whether the kernel agreed.
bool die_at_end_of(const Descriptor& channel) noexcept;

/// Returns whether the calling thread is the one that main() runs on.
bool on_main_thread() noexcept;

/// Makes this process ignore Ctrl-C and Ctrl-\ from the terminal, which its parent handles.
void ignore_terminal_signals() noexcept;

/// Makes each line leave in one write, so that the lines of several processes never mix.
void buffer_lines() noexcept;

/// Creates a copy of this process, which must be single-threaded, as a child of this process's
/// parent: a sibling of the caller. Returns its pid, 0 in the copy, or -1 with errno. The kernel
/// first writes the pid to `made`, so a process that sees that memory knows of the copy even if the
/// caller dies.
pid_t clone_sibling(std::atomic<pid_t>& made) noexcept;

} // namespace mp::os
