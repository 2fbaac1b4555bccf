#include "mp/os/descriptor.hpp"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstring>

#include "mp/os/syscall.hpp"

namespace mp::os {

Descriptor::Descriptor(int fd) noexcept : fd_(fd) {
    if (fd < 0 || fd > STDERR_FILENO) return;
    fd_ = call(Call::fcntl, [fd] { return ::fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1); });
    const int saved = errno;
    ::close(fd);
    errno = saved;
}

void Descriptor::reset() noexcept {
    if (fd_ < 0) return;
    // The kernel frees the number even when close() reports an error, so close() is never repeated.
    int saved = errno;
    int fd = std::exchange(fd_, -1);
    ::close(fd);
    (void)call(Call::close, [] { return 0; });
    errno = saved;
}

namespace {

Pair pair_of(const int (&ends)[2], const char* attempted) {
    Pair pair{Descriptor(ends[0]), Descriptor(ends[1])};
    if (!pair.first || !pair.second) fail(attempted);
    return pair;
}

} // namespace

Pair make_pipe() {
    int ends[2];
    if (call(Call::pipe, [&] { return ::pipe2(ends, O_CLOEXEC); }) != 0) fail("make a pipe");
    return pair_of(ends, "make a pipe");
}

Pair make_channel() {
    int ends[2];
    if (call(Call::socketpair,
             [&] { return ::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends); }) != 0)
        fail("make a pair of sockets");
    return pair_of(ends, "make a pair of sockets");
}

namespace {

// A machine short of memory may refuse for a moment. No other code will repeat the message.
template <class F> ssize_t persist(Call name, F function) {
    for (int tries = 0;; ++tries) {
        const ssize_t done = retry(name, function);
        const bool for_a_moment =
            errno == ENOBUFS || errno == ENOMEM || (errno == EAGAIN && name == Call::send);
        if (done >= 0 || tries == 100 || !for_a_moment) return done;
        ::sched_yield();
    }
}

union Control {
    cmsghdr header;
    char space[CMSG_SPACE(sizeof(int))];
};

// Only the first descriptor of a message is used; the others are closed.
void take_descriptors(msghdr& message, Descriptor* first) noexcept {
    const cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (header == nullptr || header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS)
        return;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
        int received = -1;
        std::memcpy(&received, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
        Descriptor owned(received);
        if (i == 0 && first != nullptr) *first = std::move(owned);
    }
}

// Distinguishes the end of a channel from an empty message.
bool is_hung_up(int channel) noexcept {
    pollfd end{channel, 0, 0};
    return call(Call::poll, [&] { return ::poll(&end, 1, 0); }) != 0;
}

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

bool wait_to_send(int channel) noexcept {
    pollfd end{channel, POLLIN | POLLOUT, 0};
    // If the kernel cannot watch it, sending blocks.
    return retry(Call::poll, [&] { return ::poll(&end, 1, -1); }) <= 0 ||
           (end.revents & (POLLIN | POLLOUT)) != POLLIN;
}

Message receive_message(int channel, void* data, unsigned long size, Descriptor* fd) noexcept {
    iovec part{data, size};
    Control control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = &control;
    message.msg_controllen = sizeof(control);
    const ssize_t got = persist(Call::receive, [&] {
        return ::recvmsg(channel, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
    });
    if (got < 0) return errno == EAGAIN || errno == EWOULDBLOCK ? Message::none : Message::end;
    take_descriptors(message, fd);
    if (got == static_cast<ssize_t>(size) && (message.msg_flags & MSG_TRUNC) == 0)
        return Message::whole;
    return got != 0 || !is_hung_up(channel) ? Message::unknown : Message::end;
}

} // namespace mp::os
