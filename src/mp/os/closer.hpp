#pragma once

#include "mp/os/descriptor.hpp"

namespace mp::os {

/// Closes descriptors, in one system call for those whose numbers follow each other.
class Closer {
public:
    Closer() = default;
    Closer(const Closer&) = delete;
    Closer& operator=(const Closer&) = delete;
    ~Closer() { close_run(); }
    void close(Descriptor descriptor) noexcept;

private:
    void close_run() noexcept;

    int first_ = -1, last_ = -1; // the run so far; -1: none
};

} // namespace mp::os
