#include "mp/os/closer.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

namespace mp::os {

void Closer::close(Descriptor descriptor) noexcept {
    const int fd = descriptor.release();
    if (fd < 0) return;
    if (first_ < 0 || fd != last_ + 1) {
        close_run();
        first_ = fd;
    }
    last_ = fd;
}

void Closer::close_run() noexcept {
    if (first_ < 0) return;
    // Since Linux 5.9; some containers refuse it.
    if (::syscall(SYS_close_range, first_, last_, 0) != 0)
        for (int fd = first_; fd <= last_; ++fd) ::close(fd);
    first_ = last_ = -1;
}

} // namespace mp::os
