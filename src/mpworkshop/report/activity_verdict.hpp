#pragma once

#include <optional>
#include <string>

#include "mpworkshop/sys/other_programs.hpp"
#include "mpworkshop/sys/process_activity.hpp"

namespace mpworkshop {

/// How a command used the CPUs.
enum class CpuUse {
    unknown,        ///< it cannot be told
    waiting,        ///< I/O-bound: most of the time no thread wanted a CPU
    serial,         ///< one thread at a time wanted one
    parallel,       ///< some did
    oversubscribed, ///< more did than there are CPUs
    unbalanced      ///< some did for a part of the time, one or a few for the rest
};

/// "waiting", "serial", ...
const char* name_of(CpuUse use);

/// What is known of a command that ran.
struct CommandRun {
    sys::Activity activity = {};
    unsigned usable_cpus = 1;
    std::optional<sys::CpusUsed> others = {}; ///< what other programs took meanwhile
    bool suspended = false;                   ///< it was stopped meanwhile
};

struct CpuUseVerdict {
    CpuUse use = CpuUse::unknown;
    std::string words = {}; ///< one or two sentences
};

/// Judges by how many threads wanted a CPU at the same time, computing or ready to: that depends
/// little on what other programs take. What they take is named where it cost the command time, and
/// where it cost most of it, nothing is told.
CpuUseVerdict judge_cpu_use(const CommandRun& run);

/// Whether a thread did a part of the computing that is worth mentioning.
bool computed(const sys::ThreadActivity& thread, const sys::Activity& activity);

} // namespace mpworkshop
