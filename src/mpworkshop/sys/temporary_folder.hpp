#pragma once

#include <string>

namespace mpworkshop::sys {

/// An empty folder in TMPDIR, else /tmp, that only this user can read; removed with all that is in
/// it.
class TemporaryFolder {
public:
    /// Errors: std::system_error.
    TemporaryFolder();
    ~TemporaryFolder();
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::string& path() const { return path_; }
    std::string file(const std::string& name) const { return path_ + "/" + name; }

private:
    std::string path_;
};

} // namespace mpworkshop::sys
