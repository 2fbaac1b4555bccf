#pragma once

#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/practice/checker.hpp"
#include "mpworkshop/sys/contained_command.hpp"
#include "mpworkshop/sys/temporary_folder.hpp"

namespace mpworkshop::practice {

/// A program that can be run with arguments.
struct Program {
    std::vector<std::string> words;
    std::string folder;
};

/// The learner's program and the one that they began with, ready to be run.
class Trial {
public:
    explicit Trial(const Subject& subject) : subject_(subject) {}

    /// Builds both. What is wrong with the learner's; ok for a command and for Python.
    Step build();
    sys::ContainedEnd run_start(const std::vector<std::string>& arguments, double deadline_s);
    sys::ContainedEnd run_own(const std::vector<std::string>& arguments, double deadline_s);

    /// The arguments with what stands for numbers of workers and for folders of texts filled in.
    std::vector<std::string> filled_in(const std::vector<std::string>& arguments);
    /// The learner's source code as it was when build() began, as the file may be saved again or
    /// moved while it is checked; empty for a command.
    const std::string& source() const { return source_; }
    /// What was left behind or written to standard error by any run of the learner's program; empty
    /// if nothing was.
    const std::string& untidy() const { return untidy_; }
    /// Whether a cgroup held the processes of all runs, the compiler's included; empty if nothing
    /// ran.
    std::optional<bool> by_cgroup() const { return by_cgroup_; }

private:
    std::string build_one(const std::string& folder, const std::string& file_name,
                          const std::string& program);
    std::string texts(const std::string& what);
    sys::ContainedEnd run(const sys::ContainedCommand& command);
    void look_for_traces(const sys::ContainedEnd& end);

    const Subject& subject_;
    sys::TemporaryFolder folder_;
    Program start_, own_;
    std::string source_, untidy_;
    std::optional<bool> by_cgroup_;
};

/// How a run ended, if not well: "it still ran after 20 s, and was ended"; empty if it ended well.
std::string bad_end(const sys::ContainedEnd& end, double deadline_s);

} // namespace mpworkshop::practice
