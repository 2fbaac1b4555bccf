#pragma once

#include <utility>

namespace mp::os {

/// Owns a file descriptor; closes it once.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    ~Descriptor() { reset(); }

    int get() const { return fd_; }
    explicit operator bool() const { return fd_ >= 0; }
    void reset() noexcept;

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
/// A pair of connected sockets that keep message borders; closed on exec. Errors:
/// std::system_error.
Pair make_channel();

/// Sends `size` bytes as one message, with descriptor `fd` unless it is -1. Whether it was sent.
bool send_message(int channel, const void* data, unsigned long size, int fd) noexcept;
/// Blocks for one message; whether one of `size` bytes came. `fd` receives the descriptor that came
/// with it.
bool receive_message(int channel, void* data, unsigned long size, Descriptor* fd) noexcept;

} // namespace mp::os
