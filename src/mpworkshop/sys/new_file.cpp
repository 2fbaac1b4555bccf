#include "mpworkshop/sys/new_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <utility>

namespace mpworkshop::sys {

NewFile::NewFile(std::string path, mode_t mode) : path_(std::move(path)) {
    // Other threads and processes may use the folder, and one that was killed may have left its
    // file.
    for (int i = 0; i < 10'000 && !is_open(); ++i) {
        name_ = path_ + "." + std::to_string(::getpid()) + "-" + std::to_string(i);
        file_ = Descriptor(::open(name_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode));
        if (!is_open() && errno != EEXIST) return;
    }
}

NewFile::~NewFile() {
    if (!is_open()) return;
    const int before = errno;
    ::unlink(name_.c_str());
    errno = before;
}

bool NewFile::replace_with(std::string_view text) {
    if (!write_text(number(), text)) return false;
    // Some servers report an exceeded quota only when the file is closed.
    if (const int copy = ::dup(number()); copy < 0 || ::close(copy) != 0) return false;
    if (::rename(name_.c_str(), path_.c_str()) != 0) return false;
    file_.close(); // no file is left to remove
    return true;
}

bool write_text(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t done = ::write(file, text.data(), text.size());
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return false;
        text.remove_prefix(std::size_t(done));
    }
    return true;
}

} // namespace mpworkshop::sys
