#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <ctime>

#include "mp/os/futex.hpp"
#include "mp/os/syscall.hpp"

namespace mp::os {

namespace {
long futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value,
           const timespec* limit = nullptr) {
    static_assert(sizeof(word) == 4);
    return ::syscall(SYS_futex, reinterpret_cast<std::uint32_t*>(&word), operation, value, limit,
                     nullptr, 0);
}
} // namespace

void futex_wait(std::atomic<std::uint32_t>& word, std::uint32_t expected,
                long nanoseconds) noexcept {
    const timespec limit = {0, nanoseconds};
    // Every failure means "look again": the word changed, a signal arrived, or the time is over.
    (void)call(Call::futex_wait, [&] {
        return futex(word, FUTEX_WAIT, expected, nanoseconds != 0 ? &limit : nullptr);
    });
}

void futex_wake(std::atomic<std::uint32_t>& word, int count) noexcept {
    // A lost wake-up is a hang, so a refused one is repeated.
    for (int tries = 0; tries < 100; ++tries)
        if (call(Call::futex_wake,
                 [&] { return futex(word, FUTEX_WAKE, static_cast<std::uint32_t>(count)); }) >= 0)
            return;
}

} // namespace mp::os
