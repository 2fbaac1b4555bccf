#include "mpworkshop/sys/file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <mp/mp.hpp>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "mpworkshop/sys/descriptor.hpp"
#include "mpworkshop/sys/signals.hpp"
#include "mpworkshop/text.hpp"

namespace mpworkshop::sys {
namespace {

[[noreturn]] void cannot_read(const std::string& path) {
    const std::string why =
        errno == EISDIR ? "it is a folder" : std::generic_category().message(errno);
    throw std::runtime_error("cannot read " + text::printable(path) + ": " + why +
                             "; give a file, or - for standard input");
}

} // namespace

std::string read_all(const std::string& path) {
    const bool is_stdin = path == "-";
    // Not to hang in open(): the writer of a FIFO may come late.
    constexpr int how = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    const Descriptor opened(is_stdin ? -1 : ::open(path.c_str(), how));
    const int file = is_stdin ? STDIN_FILENO : opened.number();
    if (file < 0) cannot_read(path);
    if (::isatty(file) == 1) {
        static constexpr std::string_view hint =
            "mpworkshop: type numbers; Ctrl-D on an empty line ends them\n";
        [[maybe_unused]] const auto told = ::write(STDERR_FILENO, hint.data(), hint.size());
    }
    std::string text;
    struct stat about = {};
    if (::fstat(file, &about) == 0 && S_ISREG(about.st_mode))
        text.reserve(std::size_t(about.st_size) + 1);
    for (std::size_t size = 0;;) {
        if (size == text.size()) text.resize(std::max(text.capacity(), size + 65536));
        if (!wait_to_read(file)) throw mp::Interrupted();
        const ssize_t got = ::read(file, text.data() + size, text.size() - size);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0) cannot_read(path);
        size += std::size_t(got);
        if (got == 0) return text.resize(size), text;
    }
}

void write_file(const std::string& path, std::string_view contents) {
    const auto refuse = [&] {
        throw std::runtime_error("cannot write " + text::printable(path) + ": " +
                                 std::generic_category().message(errno) +
                                 "; give another file, in a folder that you may write to");
    };
    const Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, S_IRUSR | S_IWUSR));
    if (file.number() < 0) refuse();
    while (!contents.empty()) {
        const ssize_t written = ::write(file.number(), contents.data(), contents.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) refuse();
        contents.remove_prefix(std::size_t(written));
    }
}

} // namespace mpworkshop::sys
