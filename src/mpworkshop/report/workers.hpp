#pragma once

#include <string>

#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop::report {

/// A table of where each worker's time went, the longest chunks, and a sentence of diagnosis. Empty
/// without workers.
std::string workers(const Outcome& outcome, unsigned usable_cpus);

} // namespace mpworkshop::report
