#include "mpworkshop/sys/pipe_echo.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "mpworkshop/sys/descriptor.hpp"

namespace mpworkshop::sys {
namespace {

constexpr char leave = 0;

// Reads one byte; false at the end of the pipe or on an error. Signals do not stop it.
bool move_byte(ssize_t (*call)(int, char*), int descriptor, char& byte) {
    ssize_t moved = 0;
    do moved = call(descriptor, &byte);
    while (moved < 0 && errno == EINTR);
    return moved == 1;
}

bool get(int from, char& byte) {
    return move_byte([](int d, char* to) { return ::read(d, to, 1); }, from, byte);
}

bool put(int to, char& byte) {
    return move_byte([](int d, char* from) { return ::write(d, from, 1); }, to, byte);
}

} // namespace

PipeEcho::Pipe::Pipe() {
    if (::pipe(ends.data()) != 0) fail("cannot make a pipe");
    for (const int end : ends) ::fcntl(end, F_SETFD, FD_CLOEXEC);
}

PipeEcho::Pipe::~Pipe() {
    for (const int end : ends)
        if (end >= 0) ::close(end);
}

PipeEcho::PipeEcho()
    : thread_([from = there_.ends[0], to = back_.ends[1]] {
          for (char byte = 0; get(from, byte) && byte != leave;)
              if (!put(to, byte)) return;
      }) {}

PipeEcho::~PipeEcho() {
    // Closing the pipe is not enough: a process started meanwhile holds it open.
    char byte = leave;
    put(there_.ends[1], byte);
    thread_.join();
}

void PipeEcho::round_trips(int number) {
    for (char byte = 'x'; number > 0; --number)
        if (!put(there_.ends[1], byte) || !get(back_.ends[0], byte)) fail("cannot use a pipe");
}

} // namespace mpworkshop::sys
