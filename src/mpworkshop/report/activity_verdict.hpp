#pragma once

#include <optional>
#include <string>

#include "mpworkshop/sys/other_programs.hpp"
#include "mpworkshop/sys/process_activity.hpp"

namespace mpworkshop {

/// How a command used the CPUs.
enum class CpuUse {
    unknown,        ///< unknown
    waiting,        ///< I/O-bound: most of the time no thread wanted a CPU
    serial,         ///< one thread at a time wanted one
    parallel,       ///< several threads did
    oversubscribed, ///< more threads did than there are CPUs
    unbalanced      ///< several threads did for a part of the time, one or a few for the rest
};

/// "waiting", "serial", ...
const char* name_of(CpuUse use);

/// The data about a command that ran.
struct CommandRun {
    sys::Activity activity = {};
    unsigned usable_cpus = 1;
    std::optional<sys::CpusUsed> others = {}; ///< CPUs that other programs used meanwhile
    bool suspended = false;                   ///< it was stopped meanwhile
};

struct CpuUseVerdict {
    CpuUse use = CpuUse::unknown;
    std::string words = {}; ///< one or two sentences
};

/// Judges by how many threads wanted a CPU at the same time, computing or ready to: that depends
/// little on other programs. Their share is mentioned if it cost the command time; if it cost most
/// of the time, or if threads that share a lock would look the same, there is no verdict.
CpuUseVerdict judge_cpu_use(const CommandRun& run);

/// Whether a thread did a significant part of the computing.
bool computed(const sys::ThreadActivity& thread, const sys::Activity& activity);

} // namespace mpworkshop
