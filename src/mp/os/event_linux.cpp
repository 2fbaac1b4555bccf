#include <sys/eventfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>

#include "mp/os/event.hpp"
#include "mp/os/syscall.hpp"

namespace mp::os {

namespace {

int inquire(int fd, struct stat& about) noexcept {
    return call(Call::fstat, [&] { return ::fstat(fd, &about); });
}

std::pair<unsigned long, unsigned long> identity(const struct stat& about) noexcept {
    return {about.st_dev, about.st_ino};
}

} // namespace

EventFd::EventFd()
    : fd_(call(Call::eventfd, [] { return ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK); })) {
    if (!fd_) fail("make an event descriptor");
    struct stat about {};
    if (inquire(fd_.get(), about) == 0) identity_ = identity(about);
}

bool EventFd::is_intact() const noexcept {
    struct stat about {};
    if (inquire(fd_.get(), about) != 0) return errno != EBADF;
    return identity_ == decltype(identity_){} || identity_ == identity(about);
}

bool EventFd::notify() const noexcept {
    const std::uint64_t one = 1;
    int saved = errno;
    if (!is_intact()) {
        errno = saved;
        return false;
    }
    // EAGAIN: the counter is full, so the event is set.
    bool notified = retry(Call::write, [&] { return ::write(fd_.get(), &one, sizeof one); }) > 0 ||
                    errno == EAGAIN;
    errno = saved;
    return notified;
}

void EventFd::clear() const noexcept {
    std::uint64_t count = 0;
    (void)retry(Call::read, [&] { return ::read(fd_.get(), &count, sizeof count); });
}

namespace {

timespec left_until(Clock::time_point time) noexcept {
    const auto left = std::max(Clock::duration::zero(), time - Clock::now());
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(left);
    return {static_cast<time_t>(seconds.count()),
            static_cast<long>(std::chrono::nanoseconds(left - seconds).count())};
}

// Instead of watching; briefly, because something may become ready meanwhile.
void nap(Deadline deadline) noexcept {
    const auto end = Clock::now() + std::chrono::milliseconds(1);
    const timespec length = left_until(deadline ? std::min(*deadline, end) : end);
    ::nanosleep(&length, nullptr);
}

} // namespace

bool wait_ready(std::span<Watched> descriptors, Deadline deadline) noexcept {
    // A failed call leaves the results unchanged, possibly from an earlier call.
    for (Watched& each : descriptors) each.revents = 0;
    timespec timeout{};
    if (deadline) timeout = left_until(*deadline);
    const int ready = call(Call::poll, [&] {
        return ::ppoll(descriptors.data(), descriptors.size(), deadline ? &timeout : nullptr,
                       nullptr);
    });
    if (ready < 0 && errno == EINTR) return false;
    // More descriptors than `ulimit -n` now allows, no memory, or a descriptor that the program has
    // closed. None of these may keep the caller from noticing events, or make it spin.
    bool unwatched = false;
    for (Watched& each : descriptors)
        if (each.fd >= 0 && (ready < 0 || (each.revents & POLLNVAL) != 0)) {
            each.revents = POLLPRI;
            unwatched = true;
        }
    if (unwatched || ready < 0) nap(deadline);
    return ready > 0 || unwatched;
}

} // namespace mp::os
