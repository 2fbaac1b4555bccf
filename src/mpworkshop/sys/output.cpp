#include "mpworkshop/sys/output.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <mp/mp.hpp>
#include <stdexcept>

#include "mpworkshop/sys/terminal.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::sys {

void open_standard_streams() {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        if (::fcntl(stream, F_GETFD) < 0 && errno == EBADF) // it takes the lowest free number
            ::open("/dev/null", (stream == STDOUT_FILENO ? O_RDONLY : O_WRONLY) | O_CLOEXEC);
}

void print_lines(std::size_t count, const std::function<void(std::size_t, std::string&)>& append) {
    std::string lines;
    for (std::size_t i = 0; i < count; ++i) {
        append(i, lines);
        if (lines.size() < 1 << 15 && i + 1 < count) continue;
        std::fwrite(lines.data(), 1, lines.size(), stdout);
        lines.clear();
        if (mp::interrupted()) throw mp::Interrupted();
        check_output();
    }
}

void print_excerpt(std::size_t count, const std::function<void(std::size_t, std::string&)>& append,
                   std::string_view how) {
    constexpr std::size_t most = 60, first = 10, last = 5;
    if (count <= most || !output_terminal().is_one) return print_lines(count, append);
    print_lines(first, append);
    fmt::print("... {} lines left out; {}\n", text::grouped(count - first - last), how);
    print_lines(last, [&](std::size_t i, std::string& to) { append(count - last + i, to); });
}

void check_output() {
    if (const std::string trouble = output_trouble(); !trouble.empty())
        throw std::runtime_error(trouble);
}

void finish_output() {
    const bool arrived = std::fflush(stdout) == 0 && std::ferror(stdout) == 0;
    check_output();
    // Only if even the stream that records errors could not be made.
    if (!arrived) throw std::runtime_error("cannot write the output; is the disk full?");
}

} // namespace mpworkshop::sys
