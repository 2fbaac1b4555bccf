#pragma once

#include <cerrno>
#include <utility>

namespace mpworkshop::sys {

/// Owns a file descriptor, or none: -1. Closes it once.
class Descriptor {
public:
    Descriptor() = default;
    explicit Descriptor(int number) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
    Descriptor& operator=(Descriptor&& other) noexcept {
        std::swap(number_, other.number_);
        return *this;
    }
    ~Descriptor() { close(); }

    int number() const { return number_; }
    void close() noexcept;

private:
    int number_ = -1;
};

/// Always throws std::system_error: what failed, and the errno of the last call.
[[noreturn]] void fail(const char* what, int code = errno);

} // namespace mpworkshop::sys
