#pragma once

#include <functional>

namespace mpworkshop::kit {

/// How many rounds of `work` take about so long on this machine as it is now; at least 1. `work`
/// takes a number of rounds, and returns what depends on all of them. Blocks: for some
/// milliseconds.
long rounds_for(double seconds, const std::function<double(long rounds)>& work);

} // namespace mpworkshop::kit
