#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mpworkshop::sys {

/// A file without a name, gone when it is closed, by whatever end: in TMPDIR, else /var/tmp (which
/// is a disk where /tmp may be memory), else /tmp. Errors: std::runtime_error naming the folder,
/// from every call.
class TemporaryFile {
public:
    TemporaryFile();
    ~TemporaryFile();
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    void write_at(std::size_t offset, std::string_view text);
    /// Blocks until the disk has it.
    void sync();
    /// Reads into `text`, from the disk where the system can forget its copy.
    void read_at(std::size_t offset, std::string& text);

private:
    [[noreturn]] void fail(const char* what) const;

    std::string folder_;
    int file_;
};

} // namespace mpworkshop::sys
