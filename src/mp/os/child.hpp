#pragma once

#include <sys/types.h>

#include <atomic>
#include <limits>
#include <optional>
#include <vector>

#include "mp/os/descriptor.hpp"

namespace mp::os {

/// This process's id without a kernel call; right in every child, however it was forked.
pid_t current_pid() noexcept;

pid_t parent_pid() noexcept;

/// Flushes the standard streams, so that a child does not print a second time what was printed
/// here.
void flush_streams() noexcept;

/// Forks, flushed, with every signal blocked meanwhile. Returns the child's pid, or 0 in the child,
/// which has default handlers and an empty mask. Errors: std::system_error; then the parent's mask
/// is as before.
pid_t fork_child();

/// Flushes and leaves without running destructors or exit handlers that belong to the parent.
[[noreturn]] void exit_child(int code) noexcept;

/// Calls `function` in each child that fork() makes from now on, on the thread that forked.
void on_fork(void (*function)()) noexcept;

/// Sends a signal; 0 sends none. False where this process may not: it has given up rights, as by
/// setuid, since it started the child. A child that is gone is no error.
bool send_signal(pid_t pid, int signal) noexcept;

/// Kills the process that `watch`, from watch_exit, stands for, and none that got its pid since;
/// without a watch, `pid`.
void kill_watched(const Descriptor& watch, pid_t pid) noexcept;

/// A process further down in the tree, and what tells it from one that gets its pid later.
struct Descendant {
    pid_t pid;
    unsigned long long started; ///< in the kernel's clock ticks
};

/// Stops a process and all that it has started, so that they start no more: its children, theirs,
/// and so on; empty where the kernel does not list them. They stay stopped, but for `pid` itself,
/// which gets the signal `then`, if that is not 0, before it goes on.
std::vector<Descendant> stop_descendants(pid_t pid, int then) noexcept;

/// Whether it has a child.
bool has_children(pid_t pid) noexcept;

/// Kills those that are still there.
void kill_descendants(const std::vector<Descendant>& processes) noexcept;

/// The exit status of a child that another part of the program has reaped, or the kernel, because
/// SIGCHLD is ignored.
inline constexpr int unknown_exit = std::numeric_limits<int>::min();

/// Reaps a child: its exit code, -N for signal N, or unknown_exit. Empty while it runs, if `block`
/// is false.
std::optional<int> reap(pid_t pid, bool block) noexcept;

/// A descriptor that is readable once process `pid` has ended; empty where the kernel has no such
/// thing.
Descriptor watch_exit(pid_t pid) noexcept;

/// The calling process is killed when `parent` ends. Where the thread that forked is not its
/// process's main thread, the kernel would tie the end to that thread instead, so then nothing is
/// done and false returned.
bool die_with_parent(pid_t parent, bool forked_by_main_thread) noexcept;

/// The calling process is killed when the other end of this channel is closed everywhere, or a
/// message is sent there: another way to end with its parent, or by it. Whether the kernel agreed.
bool die_at_end_of(const Descriptor& channel) noexcept;

/// Whether the calling thread is the one that main() runs on.
bool on_main_thread() noexcept;

/// Makes this process ignore the terminal's Ctrl-C and Ctrl-\, which are its parent's to handle.
void ignore_terminal_signals() noexcept;

/// Makes whole lines leave in one piece, so that the lines of several processes never mix.
void buffer_lines() noexcept;

/// Creates a copy of this process, which must have one thread only, as a child of this process's
/// parent: the caller's sibling. Returns its pid, 0 in the copy, or -1 with errno. The kernel
/// writes the pid to `made` first: whoever sees that memory knows of the copy, even if the caller
/// dies.
pid_t clone_sibling(std::atomic<pid_t>& made) noexcept;

} // namespace mp::os
