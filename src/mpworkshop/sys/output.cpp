#include "mpworkshop/sys/output.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <mp/mp.hpp>
#include <stdexcept>

#include "mpworkshop/sys/descriptor.hpp"

namespace mpworkshop::sys {
void open_standard_streams() {
    for (int stream = STDIN_FILENO; stream <= STDERR_FILENO; ++stream)
        if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF)
            ::open("/dev/null",
                   stream == STDIN_FILENO ? O_WRONLY : O_RDONLY); // takes the lowest free number
}

void send_whole_lines() {
    static char
        buffer[1 << 16]; // one line each, but a million lines in one go are a few thousand writes
    std::setvbuf(stdout, buffer, _IOLBF, sizeof buffer);
}

void print_lines(std::size_t count, const std::function<void(std::size_t, std::string&)>& append) {
    std::string lines;
    for (std::size_t i = 0; i < count; ++i) {
        append(i, lines);
        if (lines.size() < 1 << 15 && i + 1 < count) continue;
        std::fwrite(lines.data(), 1, lines.size(), stdout);
        lines.clear();
        if (mp::interrupted()) throw mp::Interrupted();
    }
}

void finish_output() {
    if (std::fflush(stdout) == 0 && std::ferror(stdout) == 0) return;
    // The write may have failed long ago, so errno is not to be trusted.
    throw std::runtime_error("cannot write the output; is the disk full?");
}

Redirect::Redirect(To to) {
    std::fflush(stdout);
    saved_ = ::fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
    if (saved_ < 0) fail("cannot keep standard output apart");
    const int target = to == To::error ? STDERR_FILENO : ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    if (target < 0 || ::dup2(target, STDOUT_FILENO) < 0) fail("cannot redirect standard output");
    if (target != STDERR_FILENO) ::close(target);
}

Redirect::~Redirect() {
    std::fflush(stdout);
    ::dup2(saved_, STDOUT_FILENO);
    ::close(saved_);
}

} // namespace mpworkshop::sys
