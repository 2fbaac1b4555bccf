#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "mpworkshop/sys/descriptor.hpp"

namespace mpworkshop::sys {

/// A file beside another one, under a name of its own, until it is whole and takes that one's
/// place; removed if it never does. Errors: every call returns false with errno set, and the file
/// at `path` is then as it was.
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

/// Writes all of it; a signal does not end that. False with errno set if it fails.
bool write_text(int file, std::string_view text);

} // namespace mpworkshop::sys
