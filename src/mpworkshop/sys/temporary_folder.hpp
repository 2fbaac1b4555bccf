#pragma once

#include <string>

#include "mpworkshop/sys/descriptor.hpp"

namespace mpworkshop::sys {

/// An empty folder in TMPDIR, else /tmp, that only this user can read; removed with all that is in
/// it. A process that was killed leaves it behind: the next one that makes such a folder removes it
/// after some minutes.
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
    Descriptor lock_; // held for as long as this process lives
};

} // namespace mpworkshop::sys
