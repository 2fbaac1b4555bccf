#pragma once

#include <functional>

namespace mpworkshop::kit {

/// Runs work(0), work(1), ... in one thread each; all wait at a barrier and start
/// together. Returns the seconds from the start until the last has ended. `work`
/// does not throw. Errors: std::runtime_error if the machine refuses a thread;
/// none of them has then run.
double run_simultaneously(unsigned threads, const std::function<void(unsigned)>& work);

} // namespace mpworkshop::kit
