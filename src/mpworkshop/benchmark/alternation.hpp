#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace mpworkshop::benchmark {

/// How often each command runs.
struct Alternation {
    std::size_t commands = 2;
    std::size_t warm_up = 1; ///< rounds that are not measured
    std::size_t runs = 0;    ///< measured rounds, exactly; 0: until the budget is spent
    double budget_s = 10;    ///< in total, including the warm-up
    double used_s = 0;       ///< of the budget, before the first run
    std::size_t least = 6;   ///< measured rounds for which the budget may be exceeded by a fifth
    std::size_t most = 50;   ///< maximum of measured rounds, even if budget is left
    std::uint64_t seed = 0;  ///< of the order within the rounds

    /// Seconds from the first run after which no command runs any more.
    double latest_s() const;
};

enum class Purpose { warm_up, timed };

/// The environment, which a test can replace.
struct World {
    std::function<double()> seconds; ///< a clock that never goes back
    /// Runs command `index` once; false if it was ended because it still ran at `latest` of the
    /// clock. Errors: any exception ends the schedule.
    std::function<bool(std::size_t index, Purpose purpose, double latest)> run;
};

/// Runs the commands in rounds: each command once per round, in a new random order each time, so
/// that changes in the machine's speed affect all of them alike. A round begins only if the budget
/// allows another one of the same length. Nothing runs for longer than 1.2 times the budget.
/// Returns how many rounds were measured completely.
std::size_t alternate(const Alternation& alternation, const World& world);

} // namespace mpworkshop::benchmark
