#pragma once

#include <memory>
#include <string>

namespace mpworkshop::sys {

/// What happened first.
enum class Change { saved, asked_to_end };

/// Tells when a file is saved, also by an editor that writes a new one and renames it, by watching
/// its folder; where the kernel does not do that, by looking at it ten times a second. While it
/// lives, a terminal on standard input gives its keys at once and shows none of them.
class FileChanges {
public:
    FileChanges(std::string folder, std::string name);
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
