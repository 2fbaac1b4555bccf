// The C library forgets why a line could not be written: with a buffer, fwrite() succeeds and only
// a flag remains. So standard output is replaced by a stream whose writes are made here. Only glibc
// lets a program assign to `stdout`.

#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <mp/mp.hpp>
#include <system_error>

#include "mpworkshop/sys/descriptor.hpp"
#include "mpworkshop/sys/output.hpp"

namespace mpworkshop::sys {
namespace {

/// The errno of the first write that failed, 0 for none. In memory shared with children, because
/// their output counts, too.
std::atomic<int>& first_error() {
    static std::atomic<int>* const shared = [] {
        static std::atomic<int> own = 0;
        void* const memory =
            ::mmap(nullptr, sizeof own, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
        return memory == MAP_FAILED ? &own : static_cast<std::atomic<int>*>(memory);
    }();
    return *shared;
}

/// Writes everything, unless an interrupt comes first. Returns 0 or the errno.
int write_whole(int descriptor, std::string_view text) {
    while (!text.empty()) {
        const ssize_t put = ::write(descriptor, text.data(), text.size());
        if (put >= 0) {
            text.remove_prefix(std::size_t(put));
        } else if (errno == EAGAIN) { // the caller made it nonblocking
            pollfd ready = {descriptor, POLLOUT, 0};
            ::poll(&ready, 1, -1);
        } else if (errno != EINTR) {
            return errno;
        }
        if (mp::interrupted() && !text.empty()) return EINTR;
    }
    return 0;
}

/// The same for standard error, where a missing reader does not end the program.
void write_error(std::string_view text) {
    sigset_t pipe, before, pending;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    ::sigpending(&pending);
    ::pthread_sigmask(SIG_BLOCK, &pipe, &before);
    const bool broken = write_whole(STDERR_FILENO, text) == EPIPE;
    const timespec at_once = {0, 0};
    if (broken && sigismember(&pending, SIGPIPE) == 0) ::sigtimedwait(&pipe, nullptr, &at_once);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

ssize_t to_output(void*, const char* data, std::size_t size) {
    const int error = write_whole(STDOUT_FILENO, {data, size});
    if (error == 0) return ssize_t(size);
    int none = 0;
    if (error != EINTR) first_error().compare_exchange_strong(none, error);
    errno = error;
    return 0;
}

ssize_t to_nowhere(void*, const char*, std::size_t size) { return ssize_t(size); }

/// A stream with a separate buffer; null if there is no memory for it.
std::FILE* stream_to(cookie_write_function_t* write) {
    std::FILE* const made = ::fopencookie(nullptr, "w", {nullptr, write, nullptr, nullptr});
    // One write per line, but a million lines at once take a few thousand writes.
    if (made != nullptr) std::setvbuf(made, nullptr, _IOLBF, std::size_t{1} << 16);
    return made;
}

} // namespace

void send_whole_lines() {
    first_error() = 0;
    static char buffer[1 << 16];
    std::FILE* const made = stream_to(to_output);
    if (made != nullptr) stdout = made;
    std::setvbuf(stdout, buffer, _IOLBF, sizeof buffer);
}

std::string output_trouble() {
    const int code = first_error();
    if (code == 0) return "";
    const std::string what = "cannot write the output: ";
    if (code == EBADF) return what + "standard output is closed; send it to a file or a terminal";
    const std::string why = std::generic_category().message(code);
    if (code == EFBIG) return what + why + "; raise the limit of a file's size (ulimit -f)";
    return what + why + "; send it to where there is space";
}

void tell(std::string_view words) {
    std::fflush(stdout); // so that the lines are in order where both streams meet
    write_error(words);
}

Silence::Silence() : saved_(stdout) {
    std::fflush(stdout);
    std::FILE* const other = stream_to(to_nowhere);
    if (other == nullptr) fail("cannot redirect standard output");
    stdout = other;
}

Silence::~Silence() {
    std::fflush(stdout);
    std::fclose(stdout);
    stdout = saved_;
}

} // namespace mpworkshop::sys
