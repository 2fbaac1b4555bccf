#include <fcntl.h>
#include <linux/sched.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "mp/os/child.hpp"
#include "mp/os/event.hpp"
#include "mp/os/syscall.hpp"

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif

namespace mp::os {

void forget_cached_pid() noexcept;

Descriptor watch_exit(pid_t pid) noexcept {
    return Descriptor(static_cast<int>(
        call(Call::pidfd_open, [&] { return ::syscall(SYS_pidfd_open, pid, 0); })));
}

void kill_watched(const Descriptor& watch, pid_t pid) noexcept {
    if (!watch || call(Call::kill, [&] {
                      return ::syscall(SYS_pidfd_send_signal, watch.get(), SIGKILL, nullptr, 0);
                  }) != 0)
        if (!watch || errno != ESRCH) (void)send_signal(pid, SIGKILL);
}

namespace {

// The fields of proc(5)'s stat from the third on; empty if there is no such process. The name
// before them may contain any character, including brackets and newlines.
std::string status_words(pid_t pid) {
    std::ifstream in("/proc/" + std::to_string(pid) + "/stat");
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    const std::size_t name_end = text.rfind(')');
    return name_end == std::string::npos ? "" : text.substr(name_end + 1);
}

// How long to wait until processes have stopped. One that is waiting for a CPU will stop, but on a
// busy machine not soon. One that waits for a device, say, may never.
struct Patience {
    Clock::time_point now = Clock::now();
    Clock::time_point until = now + std::chrono::milliseconds(100);
    Clock::time_point until_it_has_a_cpu = now + std::chrono::seconds(2);
};

// Sends SIGSTOP and waits: a fork in progress still succeeds.
void stop(pid_t pid, const Patience& patience) {
    if (!send_signal(pid, SIGSTOP)) return;
    for (;;) {
        char state = 'X';
        std::istringstream(status_words(pid)) >> state;
        if (state == 'T' || state == 't' || state == 'Z' || state == 'X') return;
        if (Clock::now() >= (state == 'R' ? patience.until_it_has_a_cpu : patience.until)) return;
        std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
}

// When the process started; 0: there is no such process.
unsigned long long started(pid_t pid) {
    std::istringstream words(status_words(pid));
    std::string word;
    for (int field = 3; field < 22; ++field) words >> word; // proc(5)
    unsigned long long ticks = 0;
    words >> ticks;
    return ticks;
}

std::vector<pid_t> children(pid_t parent) {
    std::vector<pid_t> found;
    const std::string tasks = "/proc/" + std::to_string(parent) + "/task";
    std::error_code gone;
    for (const auto& task : std::filesystem::directory_iterator(tasks, gone)) {
        std::ifstream in(task.path() / "children");
        for (pid_t child = 0; in >> child;) found.push_back(child);
    }
    return found;
}

void stop_children(pid_t parent, std::vector<Descendant>& to, const Patience& patience) {
    for (const pid_t child : children(parent)) {
        to.push_back({child, started(child)});
        stop(child, patience);
        stop_children(child, to, patience);
    }
}

} // namespace

std::vector<Descendant> stop_descendants(pid_t pid, int then) noexcept {
    std::vector<Descendant> found;
    try {
        const Patience patience;
        stop(pid, patience);
        stop_children(pid, found, patience);
    } catch (const std::exception&) { // it ended in the meantime, or there is no memory: return
                                      // what was found
    }
    // Sent while it is stopped: a process that had stopped itself must not run between the two.
    if (then != 0) (void)send_signal(pid, then);
    (void)send_signal(pid, SIGCONT);
    return found;
}

bool has_children(pid_t pid) noexcept {
    try {
        return !children(pid).empty();
    } catch (const std::exception&) {
        return false;
    }
}

void kill_descendants(const std::vector<Descendant>& processes) noexcept {
    for (const Descendant& each : processes) {
        try {
            if (each.started == 0 || started(each.pid) != each.started) continue;
        } catch (const std::exception&) {
            continue;
        }
        (void)send_signal(each.pid, SIGKILL);
    }
}

bool on_main_thread() noexcept { return ::syscall(SYS_gettid) == ::getpid(); }

bool die_with_parent(pid_t parent, bool forked_by_main_thread) noexcept {
    if (!forked_by_main_thread) return false;
    if (call(Call::prctl, [] { return ::prctl(PR_SET_PDEATHSIG, SIGKILL); }) != 0) return false;
    // The parent may have ended before the line above; then the signal never comes.
    if (::getppid() != parent) ::_exit(1);
    return true;
}

bool die_at_end_of(const Descriptor& channel) noexcept {
    // Asynchronous input, with SIGKILL as its signal. The kernel sends it with the rights that this
    // process has now, whatever rights the parent has later.
    const auto set = [&](int what, int value) {
        return call(Call::fcntl, [&] { return ::fcntl(channel.get(), what, value); }) == 0;
    };
    if (!set(F_SETSIG, SIGKILL) || !set(F_SETOWN, ::getpid()) || !set(F_SETFL, O_ASYNC))
        return false;
    pollfd already{channel.get(), POLLIN, 0};
    if (::poll(&already, 1, 0) > 0) ::raise(SIGKILL);
    return true;
}

namespace {

// The C library's data about its one thread, so that a copy made without its knowledge is as good
// as one made by fork(): the word that holds the thread's id, and the list of robust mutexes.
struct LibraryThread {
    int* tid = nullptr;
    void* robust_list = nullptr;
    std::size_t robust_size = 0;

    LibraryThread() {
        ::prctl(PR_GET_TID_ADDRESS, &tid);
        ::syscall(SYS_get_robust_list, 0, &robust_list, &robust_size);
    }
    void adopt() const {
        if (robust_list != nullptr) ::syscall(SYS_set_robust_list, robust_list, robust_size);
    }
};

} // namespace

pid_t clone_sibling(std::atomic<pid_t>& made) noexcept {
    static_assert(sizeof made == sizeof(pid_t));
    LibraryThread thread;
    clone_args args{};
    args.flags = CLONE_PARENT | CLONE_PARENT_SETTID;
    args.parent_tid = reinterpret_cast<std::uint64_t>(&made);
    if (thread.tid != nullptr) {
        args.flags |= CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID;
        args.child_tid = reinterpret_cast<std::uint64_t>(thread.tid);
    }
    auto pid = static_cast<pid_t>(
        call(Call::clone, [&] { return ::syscall(SYS_clone3, &args, sizeof args); }));
    // Older kernels, and containers that filter clone3, have only the older call, which reports
    // less.
    if (pid < 0 && (errno == ENOSYS || errno == EPERM || errno == EINVAL))
        pid = static_cast<pid_t>(call(Call::clone, [&] {
            return ::syscall(SYS_clone, CLONE_PARENT | CLONE_PARENT_SETTID | SIGCHLD, nullptr,
                             &made, nullptr, nullptr);
        }));
    if (pid == 0) {
        thread.adopt();
        forget_cached_pid();
    }
    return pid;
}

} // namespace mp::os
