#pragma once

#include <utility>

namespace mp::os {

/// Owns a file descriptor; closes it once.
///
/// It is never 0, 1 or 2. In a process where these are closed, such as a daemon, the kernel would
/// reuse them, and the program's output would arrive there.
class Descriptor {
public:
    Descriptor() = default;
    /// Takes `fd`, as returned by a system call, and moves it to a higher number if necessary.
    /// Empty, with errno set, for a negative one or if the kernel has no higher number.
    explicit Descriptor(int fd) noexcept;
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    void reset() noexcept;
    /// Gives it up without closing it; returns its number, or -1.
    int release() noexcept { return std::exchange(fd_, -1); }

private:
    int fd_ = -1;
};

/// Two ends that are connected: what is written to `second` is read from `first`.
struct Pair {
    Descriptor first;
    Descriptor second;
};

/// A pipe; both ends are closed on exec. Errors: std::system_error.
Pair make_pipe();
/// A pair of connected sockets that preserve message boundaries; closed on exec. Errors:
/// std::system_error.
Pair make_channel();

/// Sends `size` bytes as one message, with descriptor `fd` unless it is -1. Returns whether it was
/// sent.
bool send_message(int channel, const void* data, unsigned long size, int fd) noexcept;

/// Blocks until a message can be sent, and returns true, or until one has arrived that must be read
/// first, and returns false. Two processes that send without reading may wait for each other
/// forever, because a channel holds a few hundred messages.
bool wait_to_send(int channel) noexcept;

/// What was received from a channel.
enum class Message {
    whole,   ///< one of the expected size
    unknown, ///< one of another size, which is dropped
    none,    ///< nothing has arrived
    end,     ///< the other end is closed
};
/// Reads one message of `size` bytes; does not block. `fd` receives the descriptor sent with it.
Message receive_message(int channel, void* data, unsigned long size, Descriptor* fd) noexcept;

} // namespace mp::os
