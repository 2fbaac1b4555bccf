#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace mpworkshop::benchmark {

/// How often each of some commands runs.
struct Alternation {
    std::size_t commands = 2;
    std::size_t warm_up = 1; ///< rounds that are not measured
    std::size_t runs = 0;    ///< measured rounds, exactly; 0: until the budget is spent
    double budget_s = 10;    ///< all of it, the warm-up included
    double used_s = 0;       ///< of the budget, before the first run
    std::size_t least = 6;   ///< measured rounds for which the budget may be exceeded by a fifth
    std::size_t most = 50;   ///< measured rounds, whatever is left of it
    std::uint64_t seed = 0;  ///< of the order within the rounds

    /// Seconds from the first run after which nothing runs any more.
    double latest_s() const;
};

enum class Purpose { warm_up, timed };

/// The world outside, so that a test can be one.
struct World {
    std::function<double()> seconds; ///< a clock that never goes back
    /// Runs command `index` once; false if that was cut short, as it had not ended at `latest` of
    /// the clock. Errors: whatever it throws ends the schedule.
    std::function<bool(std::size_t index, Purpose purpose, double latest)> run;
};

/// Runs the commands in rounds: each once, in an order drawn anew each time, so that a machine that
/// becomes slower or faster does so to all of them. A round begins only if the budget has room for
/// one more of the same length. Nothing runs for longer than 1.2 times the budget. Returns how many
/// rounds were measured completely.
std::size_t alternate(const Alternation& alternation, const World& world);

} // namespace mpworkshop::benchmark
