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

/// How each ended, and its answer: null in the report of one that did not end well. Errors:
/// std::runtime_error if there was such a one, or the output is gone.
void report_processes(Run& run, const std::vector<EndedProcess>& processes);

} // namespace mpworkshop::kit
