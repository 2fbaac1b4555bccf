#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"
#include "mpworkshop/kit/samples.hpp"
#include "mpworkshop/sys/other_programs.hpp"

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

/// The same after a pause before each, so long that idle workers have stopped looking for work.
Price price_when_idle(Run& run, double seconds, const char* name, const char* key, int number,
                      const std::function<void()>& operate);

/// What advice is based on.
struct TaskPrices {
    Samples awake, asleep; ///< of a task, by the state of the worker before it
    Samples process;
    std::optional<sys::CpusUsed> others = {}; ///< what other programs took meanwhile
};

/// How large a chunk must be, by the more expensive of the two tasks, or why that cannot be told.
std::string advice_on_chunks(const TaskPrices& prices);
/// How many such tasks a process costs; empty where that cannot be told.
std::string advice_on_pools(const TaskPrices& prices);

/// Shows them, the cheapest first, and what they mean; "call", "task", "task_asleep" and "process"
/// are among them. What it puts into the result is in exercises.hpp.
void report_prices(Run& run, double seconds, unsigned processes, std::vector<Price> prices,
                   const std::optional<sys::CpusUsed>& others);

} // namespace mpworkshop::kit
