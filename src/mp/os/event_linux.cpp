#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "mp/os/call.hpp"
#include "mp/os/event.hpp"

namespace mp::os {

Doorbell::Doorbell()
    : fd_(call(Call::eventfd, [] { return ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); })) {
    if (!fd_) fail("make an event descriptor");
}

bool Doorbell::ring() const noexcept {
    const std::uint64_t one = 1;
    int saved = errno;
    // EAGAIN: the counter is full, which is as loud as a bell can ring.
    bool rang = retry(Call::write, [&] { return ::write(fd_.get(), &one, sizeof one); }) > 0 ||
                errno == EAGAIN;
    errno = saved;
    return rang;
}

void Doorbell::silence() const noexcept {
    std::uint64_t count = 0;
    (void)retry(Call::read, [&] { return ::read(fd_.get(), &count, sizeof count); });
}

bool wait_ready(std::span<Watched> descriptors, Deadline deadline) noexcept {
    // A failed call leaves the answers as they were, which may be those of an earlier one.
    for (Watched& each : descriptors) each.revents = 0;
    timespec timeout{};
    timespec* limit = nullptr;
    if (deadline) {
        auto left = std::max(Clock::duration::zero(), *deadline - Clock::now());
        auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
        timeout.tv_sec = static_cast<time_t>(seconds.count());
        timeout.tv_nsec = static_cast<long>(std::chrono::nanoseconds(left - seconds).count());
        limit = &timeout;
    }
    return call(Call::poll, [&] {
               return ::ppoll(descriptors.data(), descriptors.size(), limit, nullptr);
           }) > 0;
}

} // namespace mp::os
