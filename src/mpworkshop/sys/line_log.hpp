#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/sys/descriptor.hpp"

namespace mpworkshop::sys {

/// A text file to which several programs add lines, and which never grows without end: at 10 MiB it
/// becomes the older file, in place of the one before, and an empty one takes its name. Every
/// change is made under a lock of the file (flock), and a line is written by one call. A program
/// that is killed while it writes leaves at most the beginning of its own line; the next one ends
/// that line first.
/// Blocks: for the lock, 5 s at most. Errors: std::runtime_error naming the file, from every call,
/// also where the file cannot be locked, as on some network file systems; nothing is changed then.
/// Thread-safety: each call opens the file, so any thread or process may call at any time.
class LineLog {
public:
    static constexpr std::size_t longest_line = 4096; ///< its end included
    static constexpr std::size_t largest_file = 10 << 20;

    /// `older`: the name of the file that is put aside. Nothing is opened yet.
    LineLog(std::string path, std::string older, std::size_t largest = largest_file);

    const std::string& path() const { return path_; }

    /// Adds the lines that `make` returns, each with its end. It is called under the lock with the
    /// end of what is there: whole lines as a rule, of the older file where this one is empty.
    /// Makes the file and its folders where they are missing, for this user alone.
    void append(const std::function<std::string(std::string_view end)>& make) const;

    /// What is in both files, the older first, without the beginning of a file far too large to be
    /// ours. Waits for a writer where locking works.
    std::string read() const;

    /// Replaces what is in both files by what `change` makes of each.
    void rewrite(const std::function<std::string(std::string_view text)>& change) const;

    /// Removes both files.
    void clear() const;

private:
    enum class Missing { make, accept };

    Descriptor open(int how, Missing missing) const;
    Descriptor locked(int lock, Missing missing) const;
    std::string text_of(const std::string& path, int file, std::size_t most) const;
    std::string older_text(std::size_t most) const;

    std::string path_, older_;
    std::size_t largest_;
};

} // namespace mpworkshop::sys
