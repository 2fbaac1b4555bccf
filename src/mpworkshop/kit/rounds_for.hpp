#pragma once

#include <functional>

namespace mpworkshop::kit {

/// How many rounds of `work` take about this long on this machine now; one or
/// more. `work` takes a number of rounds, and returns a value that depends on
/// all of them. Blocks for some milliseconds.
long rounds_for(double seconds, const std::function<double(long rounds)>& work);

} // namespace mpworkshop::kit
