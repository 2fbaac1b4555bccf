#pragma once

#include <string>

#include "mpworkshop/input/value.hpp"
#include "mpworkshop/report/activity_verdict.hpp"
#include "mpworkshop/sys/terminal.hpp"

namespace mpworkshop::report {

/// What a command did over time, as lines: a strip chart of the CPUs that were busy, and the
/// threads that computed. Empty where nothing of that is known.
std::string activity(const sys::Activity& activity, const sys::Terminal& terminal);

/// The same and all figures, for a document.
Value activity_facts(const sys::Activity& activity);

} // namespace mpworkshop::report
