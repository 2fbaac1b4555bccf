#pragma once

#include <cstddef>
#include <string>

#include "mpworkshop/kit/exercise.hpp"

namespace mpworkshop::report {

/// A table of where each worker's time went, or words for each where its lines of 79 characters do
/// not fit into `width`; the longest chunks, and a sentence of diagnosis. Empty without workers.
std::string workers(const Outcome& outcome, unsigned usable_cpus, std::size_t width);

} // namespace mpworkshop::report
