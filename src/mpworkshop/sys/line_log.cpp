#include "mpworkshop/sys/line_log.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <utility>

#include "mpworkshop/sys/progress_file.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::sys {
namespace {

constexpr auto patience = std::chrono::seconds(5);

[[noreturn]] void log_failure(const char* what, const std::string& path, const std::string& why) {
    throw std::runtime_error(
        fmt::format("cannot {} {}: {}", what, text::printable(path, 500), why));
}

[[noreturn]] void log_failure(const char* what, const std::string& path, int code = errno) {
    log_failure(what, path, std::generic_category().message(code));
}

void take_lock(const std::string& path, int file, int lock) {
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (::flock(file, lock | LOCK_NB) != 0) {
        if (errno == EINTR) continue;
        if (errno != EWOULDBLOCK) log_failure("lock", path);
        if (std::chrono::steady_clock::now() > deadline)
            log_failure("lock", path, "another program holds it");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

/// Whether the file that is open is still the one of that name: another program may have put it
/// aside while this one waited.
bool has_name(int file, const std::string& path) {
    struct stat open = {}, named = {};
    if (::fstat(file, &open) != 0) log_failure("read", path);
    return ::stat(path.c_str(), &named) == 0 && open.st_dev == named.st_dev &&
           open.st_ino == named.st_ino;
}

std::size_t size_of(const std::string& path, int file) {
    struct stat about = {};
    if (::fstat(file, &about) != 0) log_failure("read", path);
    if (!S_ISREG(about.st_mode)) log_failure("read", path, "it is not a regular file");
    return std::size_t(about.st_size);
}

/// All of it or, on a full disk, nothing.
void write_at_end(const std::string& path, int file, std::size_t size, std::string_view lines) {
    while (!lines.empty()) {
        const ssize_t done = ::write(file, lines.data(), lines.size());
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) {
            const int code = errno;
            // What cannot be taken back is ended by the next line, and skipped by readers.
            [[maybe_unused]] const int taken_back = ::ftruncate(file, off_t(size));
            log_failure("write", path, code);
        }
        lines.remove_prefix(std::size_t(done));
    }
}

void remove_file(const std::string& path) {
    if (::unlink(path.c_str()) != 0 && errno != ENOENT) log_failure("remove", path);
}

} // namespace

LineLog::LineLog(std::string path, std::string older, std::size_t largest)
    : path_(std::move(path)), older_(std::move(older)), largest_(largest) {}

Descriptor LineLog::open(int how, Missing missing) const {
    // What stands there may be a pipe, which must not make us wait.
    const int flags = how | O_CLOEXEC | O_NONBLOCK | (missing == Missing::make ? O_CREAT : 0);
    Descriptor file(::open(path_.c_str(), flags, 0600));
    if (file.number() < 0 && errno == ENOENT && missing == Missing::make) {
        make_folders_of(path_);
        file = Descriptor(::open(path_.c_str(), flags, 0600));
    }
    if (file.number() < 0 && (errno != ENOENT || missing == Missing::make)) {
        if (errno == EISDIR) log_failure("read", path_, "it is not a regular file");
        log_failure(missing == Missing::make ? "write" : "read", path_);
    }
    if (file.number() >= 0) (void)size_of(path_, file.number());
    return file;
}

Descriptor LineLog::locked(int lock, Missing missing) const {
    // Each turn another program has put the file aside in between, which takes 10 MiB of lines.
    for (int turn = 0; turn < 1000; ++turn) {
        Descriptor file = open(lock == LOCK_SH ? O_RDONLY : O_RDWR | O_APPEND, missing);
        if (file.number() < 0) return file;
        take_lock(path_, file.number(), lock);
        if (!has_name(file.number(), path_)) continue;
        if (missing == Missing::make && !give_to_owner_of_folder(file.number(), path_))
            log_failure("write", path_);
        return file;
    }
    log_failure("lock", path_, "other programs replace it again and again");
}

std::string LineLog::text_of(const std::string& path, int file, std::size_t most) const {
    const std::size_t size = size_of(path, file), begin = size > most ? size - most : 0;
    std::string text(size - begin, '\0');
    std::size_t length = 0;
    while (length < text.size()) {
        const ssize_t got =
            ::pread(file, text.data() + length, text.size() - length, off_t(begin + length));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) log_failure("read", path);
        if (got == 0) break; // another program took a line back
        length += std::size_t(got);
    }
    text.resize(length);
    return text;
}

std::string LineLog::older_text(std::size_t most) const {
    const Descriptor file(::open(older_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    if (file.number() < 0 && errno == ENOENT) return "";
    if (file.number() < 0) log_failure("read", older_);
    return text_of(older_, file.number(), most);
}

void LineLog::append(const std::function<std::string(std::string_view end)>& make) const {
    Descriptor file = locked(LOCK_EX, Missing::make);
    std::size_t size = size_of(path_, file.number());
    const std::string end = text_of(path_, file.number(), 2 * longest_line);
    std::string lines = make(end.empty() ? older_text(2 * longest_line) : end);
    if (lines.empty()) return;
    if (size > 0 && size + lines.size() > largest_) {
        if (::rename(path_.c_str(), older_.c_str()) != 0) log_failure("replace", older_);
        file = locked(LOCK_EX, Missing::make); // the other one's lock ends as it is closed
        size = size_of(path_, file.number());
    } else if (!end.empty() && end.back() != '\n') {
        lines.insert(0, "\n"); // a writer was killed in the middle of its line
    }
    try {
        write_at_end(path_, file.number(), size, lines);
    } catch (const std::runtime_error&) {
        if (size == 0) ::unlink(path_.c_str()); // a full disk has no room for a new file either
        throw;
    }
}

std::string LineLog::read() const {
    Descriptor file;
    try {
        file = locked(LOCK_SH, Missing::accept);
    } catch (const std::runtime_error&) {
        file = open(O_RDONLY, Missing::accept); // lines are written whole: a reader can do without
    }
    const std::size_t most = largest_ + longest_line;
    std::string text = older_text(most);
    if (!text.empty() && text.back() != '\n') text += '\n';
    if (file.number() >= 0) text += text_of(path_, file.number(), most);
    return text;
}

void LineLog::rewrite(const std::function<std::string(std::string_view text)>& change) const {
    const Descriptor file = locked(LOCK_EX, Missing::accept);
    if (const std::string text = older_text(SIZE_MAX); !text.empty())
        write_progress(older_, change(text));
    if (file.number() >= 0) write_progress(path_, change(text_of(path_, file.number(), SIZE_MAX)));
}

void LineLog::clear() const {
    Descriptor file;
    try {
        file = locked(LOCK_EX, Missing::accept);
    } catch (const std::runtime_error&) {
        // What cannot be locked or is no file of ours goes away all the same, if it can.
    }
    remove_file(older_);
    remove_file(path_);
}

} // namespace mpworkshop::sys
