#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>

namespace mpworkshop::benchmark {

/// How often each of some commands shall run.
struct Alternation {
    std::size_t commands = 2;
    std::size_t warm_up = 1; ///< rounds that are not measured
    std::size_t runs = 0;    ///< measured rounds, exactly; 0: until the budget is spent
    double budget_s = 10;    ///< all of it, the warm-up included
    std::size_t least = 6;   ///< measured rounds, whatever the budget
    std::size_t most = 50;   ///< measured rounds, whatever is left of it
    std::uint64_t seed = 0;  ///< of the order within the rounds
};

enum class Purpose { warm_up, timed };

/// The world outside, so that a test can be one.
struct World {
    std::function<double()> seconds; ///< a clock that never goes back
    /// Runs command `index` once. Errors: whatever it throws ends the schedule.
    std::function<void(std::size_t index, Purpose purpose)> run;
};

/// Runs the commands in rounds: each once, in an order drawn anew each time, so that a machine that
/// becomes slower or faster does so to all of them. A round begins only if the budget has room for
/// one more of the same length. Returns how many rounds were measured.
std::size_t alternate(const Alternation& alternation, const World& world);

} // namespace mpworkshop::benchmark
