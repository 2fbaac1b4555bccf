#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "mpworkshop/kit/exercise.hpp"
#include "mpworkshop/kit/samples.hpp"
#include "mpworkshop/sys/other_programs.hpp"

namespace mpworkshop::kit {

/// The cost of one operation.
struct Price {
    const char *name, *key;
    Samples samples; ///< seconds of one operation
};

/// Measures for about `seconds` the cost of one operation; `seconds_of` does `number` of them, and
/// returns how long that took. Errors: mp::Interrupted.
Price price_of(Run& run, double seconds, const char* name, const char* key, int number,
               const std::function<double(int number)>& seconds_of);
/// The same, timing the call itself.
Price timed_price_of(Run& run, double seconds, const char* name, const char* key, int number,
                     const std::function<void(int number)>& operate);

/// The same after a pause before each that is long enough for idle workers to fall asleep.
Price price_when_idle(Run& run, double seconds, const char* name, const char* key, int number,
                      const std::function<void()>& operate);

/// The measurements on which advice is based.
struct TaskPrices {
    Samples awake, asleep; ///< of a task, by the state of the worker before it
    Samples process;
    std::optional<sys::CpusUsed> others = {}; ///< CPUs that other programs used meanwhile
};

/// How large a chunk must be, by the more expensive of the two tasks, or why that is unknown.
std::string advice_on_chunks(const TaskPrices& prices);
/// How many such tasks cost as much as a process; empty if unknown.
std::string advice_on_pools(const TaskPrices& prices);

/// Shows the prices, the cheapest first, and what they mean; "call", "task", "task_asleep" and
/// "process" are among them. Its `result` is described in exercises.hpp.
void report_prices(Run& run, double seconds, unsigned processes, std::vector<Price> prices,
                   const std::optional<sys::CpusUsed>& others);

} // namespace mpworkshop::kit
