#include "mpworkshop/sys/temporary_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <stdexcept>
#include <system_error>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::sys {
namespace {

std::string temporary_folder() {
    const char* wanted = std::getenv(
        "TMPDIR"); // NOLINT(concurrency-mt-unsafe): nothing here changes the environment
    if (wanted != nullptr && *wanted != '\0') return wanted;
    return ::access("/var/tmp", W_OK | X_OK) == 0 ? "/var/tmp" : "/tmp";
}

} // namespace

TemporaryFile::TemporaryFile() : folder_(temporary_folder()), file_(-1) {
#ifdef O_TMPFILE
    file_ = ::open(folder_.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
#endif
    if (file_ >= 0) return;
    // Not every file system supports that; then the name exists for a moment.
    std::string name = folder_ + "/mpworkshop-XXXXXX";
    file_ = ::mkstemp(name.data());
    if (file_ < 0) fail("make a file");
    ::unlink(name.c_str());
    ::fcntl(file_, F_SETFD, FD_CLOEXEC);
}

TemporaryFile::~TemporaryFile() { ::close(file_); }

void TemporaryFile::write_at(std::size_t offset, std::string_view text) {
    while (!text.empty()) {
        const ssize_t done = ::pwrite(file_, text.data(), text.size(), off_t(offset));
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) fail("write a file");
        text.remove_prefix(std::size_t(done));
        offset += std::size_t(done);
    }
}

void TemporaryFile::sync() {
    while (::fsync(file_) != 0)
        if (errno != EINTR) fail("write a file");
}

void TemporaryFile::read_at(std::size_t offset, std::string& text) {
    ::posix_fadvise(file_, off_t(offset), off_t(text.size()), POSIX_FADV_DONTNEED);
    for (std::size_t size = 0; size < text.size();) {
        const ssize_t got =
            ::pread(file_, text.data() + size, text.size() - size, off_t(offset + size));
        if (got < 0 && errno == EINTR) continue;
        if (got == 0) errno = EIO;
        if (got <= 0) fail("read a file");
        size += std::size_t(got);
    }
}

void TemporaryFile::fail(const char* what) const {
    throw std::runtime_error(fmt::format("cannot {} in {}: {}; set TMPDIR to another folder", what,
                                         text::printable(folder_),
                                         std::generic_category().message(errno)));
}

} // namespace mpworkshop::sys
