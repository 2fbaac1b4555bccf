#pragma once

#include <string>

#include "mpworkshop/input/value.hpp"
#include "mpworkshop/report/activity_verdict.hpp"
#include "mpworkshop/sys/terminal.hpp"

namespace mpworkshop::report {

/// What a command did over time, as lines: a strip chart of the busy CPUs, and the threads that
/// computed. Empty if that is unknown.
std::string activity(const sys::Activity& activity, const sys::Terminal& terminal);

/// The same with all figures, for a document.
Value activity_facts(const sys::Activity& activity);

} // namespace mpworkshop::report
