#pragma once

#include <atomic>
#include <cerrno>
#include <type_traits>
#include <utility>

namespace mp::os {

/// The system calls that this folder makes. Tests make each of them fail.
enum class Call {
    clone,
    close,
    eventfd,
    fcntl,
    fork,
    fstat,
    futex_wait,
    futex_wake,
    kill,
    madvise,
    mmap,
    munmap,
    pidfd_open,
    pipe,
    poll,
    prctl,
    read,
    receive,
    send,
    sched_getaffinity,
    sigmask,
    socketpair,
    waitid,
    write,
    count_
};

/// Called before each system call. Returns the errno with which it must fail, or 0 to let it pass.
using FaultHook = int (*)(Call);
extern std::atomic<FaultHook> fault_hook;

/// The value by which a system call that returns T reports failure: -1, as a number or an address.
template <class T> T failed() {
    if constexpr (std::is_pointer_v<T>)
        return reinterpret_cast<T>(-1);
    else
        return static_cast<T>(-1);
}

/// Makes a system call, unless the fault hook makes it fail.
template <class F> auto call(Call name, F&& function) -> decltype(function()) {
    if (FaultHook hook = fault_hook.load(std::memory_order_relaxed); hook != nullptr) [[unlikely]] {
        if (int error = hook(name); error != 0) {
            errno = error;
            return failed<decltype(function())>();
        }
    }
    return std::forward<F>(function)();
}

/// The same, repeated while a signal interrupts it.
template <class F> auto retry(Call name, F&& function) -> decltype(function()) {
    for (;;) {
        auto result = call(name, function);
        if (result != failed<decltype(function())>() || errno != EINTR) return result;
    }
}

/// Throws std::system_error from errno: "mp: cannot <attempted>: <reason>".
[[noreturn]] void fail(const char* attempted);

} // namespace mp::os
