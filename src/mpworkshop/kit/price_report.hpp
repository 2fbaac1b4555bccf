#pragma once

#include <functional>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"
#include "mpworkshop/kit/samples.hpp"

namespace mpworkshop::kit {

/// What one operation costs.
struct Price {
    const char *name, *key;
    Samples samples; ///< seconds of one operation
};

/// Measures for about `seconds` what one operation costs; `seconds_of` does `number` of them, and
/// returns how long that took. Errors: mp::Interrupted.
Price price_of(Run& run, double seconds, const char* name, const char* key, int number,
               const std::function<double(int number)>& seconds_of);
/// The same where the time is that of the call.
Price timed_price_of(Run& run, double seconds, const char* name, const char* key, int number,
                     const std::function<void(int number)>& operate);

/// Shows them, the cheapest first, and what they mean; "call", "task", and "process" are among
/// them. What it puts into the result is in exercises.hpp.
void report_prices(Run& run, double seconds, unsigned processes, std::vector<Price> prices);

} // namespace mpworkshop::kit
