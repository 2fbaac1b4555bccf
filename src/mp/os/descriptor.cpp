#include "mp/os/descriptor.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "mp/os/call.hpp"

namespace mp::os {

void Descriptor::reset() noexcept {
    if (fd_ < 0) return;
    // The kernel frees the number even when close() reports an error, so there is never a second
    // try.
    int saved = errno;
    int fd = std::exchange(fd_, -1);
    ::close(fd);
    (void)call(Call::close, [] { return 0; });
    errno = saved;
}

Pair make_pipe() {
    int ends[2];
    if (call(Call::pipe, [&] { return ::pipe2(ends, O_CLOEXEC); }) != 0) fail("make a pipe");
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Pair make_channel() {
    int ends[2];
    if (call(Call::socketpair,
             [&] { return ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends); }) != 0)
        fail("make a pair of sockets");
    return {Descriptor(ends[0]), Descriptor(ends[1])};
}

namespace {

// A machine short of memory may refuse for a moment what it grants in the next. Nobody else will
// repeat the message.
template <class F> ssize_t persist(Call name, F function) {
    for (int tries = 0;; ++tries) {
        const ssize_t done = retry(name, function);
        if (done >= 0 || tries == 100 || (errno != ENOBUFS && errno != ENOMEM && errno != EAGAIN))
            return done;
        ::sched_yield();
    }
}

union Control {
    cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
};
} // namespace

bool send_message(int channel, const void* data, unsigned long size, int fd) noexcept {
    iovec part{const_cast<void*>(data), size};
    Control control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (fd >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof(control);
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(sizeof(int));
        std::memcpy(CMSG_DATA(header), &fd, sizeof(int));
    }
    return persist(Call::send, [&] { return ::sendmsg(channel, &message, MSG_NOSIGNAL); }) ==
           static_cast<ssize_t>(size);
}

bool receive_message(int channel, void* data, unsigned long size, Descriptor* fd) noexcept {
    iovec part{data, size};
    Control control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof(control);
    if (persist(Call::receive, [&] { return ::recvmsg(channel, &message, MSG_CMSG_CLOEXEC); }) !=
        static_cast<ssize_t>(size))
        return false;
    if (cmsghdr* header = CMSG_FIRSTHDR(&message);
        header != nullptr && header->cmsg_type == SCM_RIGHTS) {
        int received = -1;
        std::memcpy(&received, CMSG_DATA(header), sizeof(int));
        Descriptor owned(received);
        if (fd != nullptr) *fd = std::move(owned);
    }
    return true;
}

} // namespace mp::os
