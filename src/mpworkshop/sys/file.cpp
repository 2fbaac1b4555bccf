#include "mpworkshop/sys/file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <mp/mp.hpp>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "mpworkshop/sys/descriptor.hpp"
#include "mpworkshop/sys/new_file.hpp"
#include "mpworkshop/sys/signals.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::sys {
namespace {

[[noreturn]] void cannot_read(const std::string& path, const std::string& why) {
    if (path == "-") throw std::runtime_error("cannot read standard input: " + why);
    throw std::runtime_error("cannot read " + text::printable(path) + ": " + why +
                             "; give a file, or - for standard input");
}

[[noreturn]] void cannot_read(const std::string& path) {
    const int code = errno;
    if (path == "-" && code == EBADF)
        cannot_read(path, "it is closed; give a file instead, or open it, as in < FILE");
    if (path == "-" && code == EISDIR)
        cannot_read(path, "it is a folder; give a file instead, or put one there, as in < FILE");
    cannot_read(path, code == EISDIR ? "it is a folder" : std::generic_category().message(code));
}

[[noreturn]] void too_large(const std::string& path, std::size_t most) {
    throw std::runtime_error(fmt::format("cannot read {}: it has more than {} bytes; give a part "
                                         "of it, such as the first lines by head",
                                         path == "-" ? "standard input" : text::printable(path),
                                         text::grouped(most)));
}

/// What to do about a file that could not be written.
const char* advice_on(int code) {
    switch (code) {
    case ENOSPC:
    case EDQUOT:
        return "make room there, or use a folder on another disk";
    case EFBIG:
        return "raise the limit of a file's size (ulimit -f)";
    default:
        return "give another file, in a folder that you may write to";
    }
}

[[noreturn]] void refuse_to_write(const std::string& path, int code) {
    const std::string why = code == ENXIO
                                ? "no program reads this pipe; start its reader first"
                                : std::generic_category().message(code) + "; " + advice_on(code);
    throw std::runtime_error("cannot write " + text::printable(path) + ": " + why);
}

/// The output stream of this program that is this very file, under a name such as /dev/stdout; -1
/// if none is. Opened again, such a file would be overwritten from the beginning.
int own_stream(const struct stat& about) {
    if (!S_ISREG(about.st_mode) && !S_ISSOCK(about.st_mode)) return -1;
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO}) {
        struct stat own = {};
        if (::fstat(stream, &own) == 0 && own.st_dev == about.st_dev && own.st_ino == about.st_ino)
            return stream;
    }
    return -1;
}

void write_interruptibly(const std::string& path, int file, std::string_view contents) {
    while (!contents.empty()) {
        const ssize_t written = ::write(file, contents.data(), contents.size());
        if (written < 0 && errno != EINTR) refuse_to_write(path, errno);
        if (written < 0 && mp::interrupted())
            throw mp::Interrupted(); // a reader that has stopped reading
        if (written > 0) contents.remove_prefix(std::size_t(written));
    }
}

void write_in_place(const std::string& path, std::string_view contents) {
    // So that open() does not hang on a FIFO that nothing reads.
    constexpr int how = O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    const Descriptor file(::open(path.c_str(), how, 0666));
    if (file.number() < 0) refuse_to_write(path, errno);
    ::fcntl(file.number(), F_SETFL, O_WRONLY);
    write_interruptibly(path, file.number(), contents);
}

/// Whether an existing file may be replaced by another: not if one of its properties would be lost.
bool replaceable(const std::string& path, const struct stat& about) {
    return S_ISREG(about.st_mode) && about.st_nlink == 1 && !path.starts_with("/dev/") &&
           !path.starts_with("/proc/");
}

/// Gives the new file the mode and owner of the old one; false if that fails.
bool made_like(int file, const struct stat& old) {
    struct stat now = {};
    if (::fstat(file, &now) != 0) return false;
    if ((now.st_uid != old.st_uid || now.st_gid != old.st_gid) &&
        ::fchown(file, old.st_uid, old.st_gid) != 0)
        return false;
    return ::fchmod(file, old.st_mode & 0777U) == 0;
}

/// The file that a path leads to through symbolic links; the path itself if that is unknown.
std::string resolved(const std::string& path) {
    char* const found = ::realpath(path.c_str(), nullptr);
    const std::string name = found != nullptr ? found : path;
    std::free(found);
    return name;
}

} // namespace

std::string read_all(const std::string& path, std::size_t most) {
    const bool is_stdin = path == "-";
    // So that open() does not hang: the writer of a FIFO may come late.
    constexpr int how = O_RDONLY | O_CLOEXEC | O_NONBLOCK;
    const Descriptor opened(is_stdin ? -1 : ::open(path.c_str(), how));
    const int file = is_stdin ? STDIN_FILENO : opened.number();
    if (file < 0) cannot_read(path);
    const bool terminal = ::isatty(file) == 1;
    if (terminal) {
        static constexpr std::string_view hint =
            "mpworkshop: type numbers; Ctrl-D on an empty line ends them\n";
        [[maybe_unused]] const auto told = ::write(STDERR_FILENO, hint.data(), hint.size());
    }
    std::string text;
    struct stat about = {};
    const bool known = ::fstat(file, &about) == 0;
    const bool device = known && (S_ISCHR(about.st_mode) || S_ISBLK(about.st_mode)) && !terminal;
    if (known && S_ISREG(about.st_mode)) {
        if (about.st_size > off_t(most)) too_large(path, most);
        text.reserve(std::size_t(about.st_size) + 1);
    }
    for (std::size_t size = 0;;) {
        if (size == text.size()) text.resize(std::max(text.capacity(), size + 65536));
        if (!wait_to_read(file)) throw mp::Interrupted();
        const ssize_t got = ::read(file, text.data() + size, text.size() - size);
        if (got < 0 && (errno == EINTR || errno == EAGAIN)) continue;
        if (got < 0) cannot_read(path);
        if (got > 0 && device) // /dev/null ends at once and counts as an empty file
            cannot_read(path, is_stdin ? "it is a device, whose data may never end; give a file"
                                       : "it is a device, whose data may never end");
        size += std::size_t(got);
        if (size > most) too_large(path, most);
        if (got == 0) return text.resize(size), text;
    }
}

void write_file(const std::string& path, std::string_view contents) {
    struct stat about = {};
    const bool there = ::stat(path.c_str(), &about) == 0;
    if (there)
        if (const int stream = own_stream(about); stream >= 0) {
            std::fflush(stdout); // earlier output comes first
            return write_interruptibly(path, stream, contents);
        }
    // A dangling link is written through, and so is kept.
    const bool is_free = !there && ::lstat(path.c_str(), &about) != 0;
    if (is_free || (there && replaceable(path, about))) {
        NewFile file(there ? resolved(path) : path, 0666);
        if (file.is_open() && (is_free || made_like(file.number(), about))) {
            if (!file.replace_with(contents)) refuse_to_write(path, errno);
            return;
        }
    }
    write_in_place(path, contents);
}

} // namespace mpworkshop::sys
