#include "mp_mpi/sys/channel.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>

namespace mp_mpi {

Channel::Channel(mp::os::Descriptor end) : end_(std::move(end)) {
    ::fcntl(end_.get(), F_SETFL, ::fcntl(end_.get(), F_GETFL) | O_NONBLOCK);
}

std::pair<Channel, Channel> Channel::pair() {
    std::array<int, 2> ends{};
    if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0)
        throw std::system_error(errno, std::generic_category(), "mp: a socket pair");
    return {Channel(mp::os::Descriptor(ends[0])), Channel(mp::os::Descriptor(ends[1]))};
}

void Channel::send(Message&& message) {
    unsent_.push_back(std::move(message));
    push();
}

void Channel::push() {
    while (!unsent_.empty()) {
        const Message& first = unsent_.front();
        const ssize_t sent = ::send(end_.get(), first.bytes() + sent_of_first_,
                                    first.size() - sent_of_first_, MSG_NOSIGNAL);
        if (sent < 0 && errno == EINTR) continue;
        if (sent < 0 && errno == EAGAIN) return;
        if (sent < 0) { // the other end will not read it
            unsent_.clear();
            sent_of_first_ = 0;
            ended_ = true;
            return;
        }
        sent_of_first_ += static_cast<std::size_t>(sent);
        if (sent_of_first_ < first.size()) continue;
        unsent_.pop_front();
        sent_of_first_ = 0;
    }
}

bool Channel::receive(Message& message) {
    push();
    for (;;) {
        const bool head = come_ < sizeof(Header);
        const std::size_t whole = head ? sizeof(Header) : coming_.size();
        if (!head && come_ == whole) {
            come_ = 0;
            std::swap(message, coming_);
            return true;
        }
        coming_.reserve(whole);
        const ssize_t came = ::recv(end_.get(), coming_.bytes() + come_, whole - come_, 0);
        if (came < 0 && errno == EINTR) continue;
        if (came < 0 && errno == EAGAIN) return false;
        if (came <= 0) {
            ended_ = true;
            return false;
        }
        come_ += static_cast<std::size_t>(came);
    }
}

bool Channel::ready() const {
    pollfd ask{end_.get(), POLLIN, 0};
    return ::poll(&ask, 1, 0) > 0;
}

void Channel::wait(std::chrono::milliseconds longest) {
    push();
    pollfd ask{end_.get(), static_cast<short>(POLLIN | (unsent_.empty() ? 0 : POLLOUT)), 0};
    ::poll(&ask, 1, static_cast<int>(std::max<std::int64_t>(longest.count(), -1)));
}

} // namespace mp_mpi
