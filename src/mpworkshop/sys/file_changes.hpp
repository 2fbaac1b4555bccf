#pragma once

#include <memory>
#include <string>

namespace mpworkshop::sys {

/// What happened first.
enum class Change { saved, asked_to_end };

/// Tells when a file is saved, also by an editor that writes a new one and renames it, by watching
/// its folder; where the kernel does not do that, by looking at it ten times a second. A file that
/// is missing for a moment counts as saved once it is there again. While it lives, a terminal on
/// standard input gives its keys at once and shows none of them.
class FileChanges {
public:
    enum class Notice { by_kernel, by_looking };

    /// With Notice::by_looking the kernel is not asked to watch the folder.
    FileChanges(std::string folder, std::string name, Notice notice = Notice::by_kernel);
    ~FileChanges();
    FileChanges(const FileChanges&) = delete;
    FileChanges& operator=(const FileChanges&) = delete;

    /// Blocks: until the file has been saved, also since the last call, and has not changed for
    /// some 50 ms, or has gone on changing for 200; or until q is typed. Errors:
    /// mp::Interrupted.
    Change wait();

private:
    class Watcher;
    std::unique_ptr<Watcher> watcher_;
};

} // namespace mpworkshop::sys
