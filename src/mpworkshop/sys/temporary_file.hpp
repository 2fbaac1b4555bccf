#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace mpworkshop::sys {

/// A file without a name, which disappears when it is closed, for whatever reason: in TMPDIR, else
/// /var/tmp (on disk where /tmp may be in memory), else /tmp. Errors: std::runtime_error with the
/// folder name, from every call.
class TemporaryFile {
public:
    TemporaryFile();
    ~TemporaryFile();
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;

    void write_at(std::size_t offset, std::string_view text);
    /// Blocks until the data is on disk.
    void sync();
    /// Reads into `text`, from the disk if the system can drop its cached copy.
    void read_at(std::size_t offset, std::string& text);

private:
    [[noreturn]] void fail(const char* what) const;

    std::string folder_;
    int file_;
};

} // namespace mpworkshop::sys
