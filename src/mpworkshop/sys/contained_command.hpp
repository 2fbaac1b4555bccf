#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "mpworkshop/sys/process_activity.hpp"

namespace mpworkshop::sys {

/// What is kept of each output stream, in bytes.
inline constexpr std::size_t most_kept_output = 1 << 20;

/// What holds its processes: a cgroup where one can be made, or looks at the process tree.
enum class Hold { cgroup_if_possible, process_tree };

/// A program written by a learner, which may do anything.
struct ContainedCommand {
    std::vector<std::string> words;    ///< the program first
    std::string folder;                ///< in which it runs
    double deadline_s = 20;            ///< by then it has ended or is ended
    std::size_t most_output = 1 << 26; ///< bytes, both streams; what prints more is ended
    std::size_t most_processes = 400;  ///< and threads; what starts more is ended
    Hold hold = Hold::cgroup_if_possible;
};

/// Why it did not end by itself.
enum class CutShort { no, by_deadline, by_output, by_processes };

struct ContainedEnd {
    int status = 0; ///< the exit code, or -N for an end by signal N
    CutShort cut_short = CutShort::no;
    double wall_s = 0;
    std::string out = {}, err = {}; ///< the first most_kept_output of each
    std::size_t left_behind = 0;    ///< processes that outlived it; they are ended by now
    bool by_cgroup = false;         ///< a cgroup held its processes, rather than a look at the tree
    Activity activity = {};
};

/// Runs it in a session of its own, without a terminal, with /dev/null as standard input. Whatever
/// happens, nothing of it runs any more afterwards. Blocks: until it has ended, or until the
/// deadline and some moments more. Errors: std::system_error where it cannot be started, with the
/// errno of the first call that failed; mp::Interrupted, after all of it has been ended.
/// Thread-safety: the main thread, one at a time.
ContainedEnd run_contained(const ContainedCommand& command);

} // namespace mpworkshop::sys
