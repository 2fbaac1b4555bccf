#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "mpworkshop/sys/descriptor.hpp"

namespace mpworkshop::sys {

/// A file under a temporary name beside another one, until it is complete and replaces that one;
/// removed if it never does. Errors: every call returns false with errno set, and the file at
/// `path` is then unchanged.
class NewFile {
public:
    /// `mode` as open() takes it, less the umask.
    NewFile(std::string path, mode_t mode);
    ~NewFile();
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    /// Whether it could be made.
    bool is_open() const { return file_.number() >= 0; }
    int number() const { return file_.number(); }
    /// Replaces the file at `path` by this one, with `text` in it, in one step.
    bool replace_with(std::string_view text);

private:
    std::string path_, name_;
    Descriptor file_;
};

/// Writes everything; a signal does not stop it. Returns false with errno set if it fails.
bool write_text(int file, std::string_view text);

} // namespace mpworkshop::sys
