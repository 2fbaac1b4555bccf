#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "mpworkshop/page/shared_file.hpp"

namespace mpworkshop::page {

/// A file that is not part of the page, and why.
struct LeftOut {
    std::string file, why;
};

/// The shared files of a class. Of two with the same identifier the one that was written last
/// counts.
class Class {
public:
    /// Reads a regular file, or notes why it is left out. Errors: mp::Interrupted.
    void add_file(const std::string& path);
    /// The same for its text.
    void add(std::string_view text, const std::string& file);

    const std::vector<Participant>& participants() const { return participants_; }
    const std::vector<LeftOut>& left_out() const { return left_out_; }
    std::size_t replaced() const { return replaced_; }

    /// One page: a dot for each machine, predictions against measurements, how many finished what,
    /// and the machines that need help.
    std::string page() const;

private:
    std::vector<Participant> participants_;
    std::map<std::string, std::size_t> known_; // of each identifier
    std::vector<LeftOut> left_out_;
    std::size_t replaced_ = 0;
};

/// What a machine needs help with, in words; empty if nothing.
std::string needs_help(const Participant& participant);

} // namespace mpworkshop::page
