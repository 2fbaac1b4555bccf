#pragma once

#include <vector>

#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop::kit {

/// A process that has ended, and the answer that it left.
struct EndedProcess {
    const char* name;
    mp::Process& process;
    double answer;
};

/// How each process ended, and its answer: null for one that failed. Errors: std::runtime_error if
/// there was one, or if output failed.
void report_processes(Run& run, const std::vector<EndedProcess>& processes);

} // namespace mpworkshop::kit
