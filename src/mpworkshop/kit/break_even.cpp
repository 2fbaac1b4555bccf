#include "mpworkshop/kit/break_even.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "mpworkshop/kit/other_programs.hpp"
#include "mpworkshop/kit/stats.hpp"
#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

using stats::Finding;

constexpr std::uint64_t further_inputs = 200'000;
constexpr std::uint64_t most_to_try = 2'000'000; // their results are kept, a dozen times
constexpr double longest_trial_s = 1;

/// Two digits: more would suggest too much precision.
std::uint64_t to_two_digits(double number) {
    const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(number)) - 1));
    return static_cast<std::uint64_t>(std::round(number / unit) * unit);
}

/// As many pairs as an interval needs, or fewer if they take too long.
Pairs time_in_pairs(std::uint64_t inputs, const std::function<double(std::uint64_t)>& loop,
                    const std::function<double(std::uint64_t)>& pool) {
    Pairs pairs{.inputs = inputs};
    const double begin = clock_s();
    while (pairs.loop_s.size() < stats::least_for_interval && clock_s() - begin < longest_trial_s) {
        if (mp::interrupted()) throw mp::Interrupted();
        pairs.loop_s.push_back(loop(inputs));
        pairs.pool_s.push_back(pool(inputs));
    }
    return pairs;
}

/// How many times as fast the pool is.
Finding finding_of(const Pairs& pairs) {
    const auto speedup = stats::speedup(pairs.loop_s, pairs.pool_s);
    return speedup ? speedup->finding() : Finding::too_few;
}

std::string unclear(const std::optional<sys::CpusUsed>& others) {
    return "The loop won; whether a pool ever pays is unclear: " + why_unclear_briefly(others);
}

std::string meaning_of_trial(const Pairs& tried, const std::optional<sys::CpusUsed>& others) {
    const std::string inputs = text::counted(tried.inputs, "input"),
                      loop = text::duration(stats::median(tried.loop_s)),
                      pool = text::duration(stats::median(tried.pool_s));
    switch (finding_of(tried)) {
    case Finding::faster:
        return fmt::format("The loop won; with {} the pool does: {} against {}.", inputs, pool,
                           loop);
    case Finding::slower:
    case Finding::same:
        return fmt::format("The loop won, with {} too: {} against {}.", inputs, loop, pool);
    case Finding::too_few:
    case Finding::undecided:
        break;
    }
    return unclear(others);
}

} // namespace

double Costs::loop_input_s() const {
    return stats::median(further.loop_s) / double(further.inputs);
}
double Costs::pool_input_s() const {
    return stats::median(further.pool_s) / double(further.inputs);
}

std::optional<std::uint64_t> inputs_to_try(const Costs& costs) {
    if (costs.pool_s <= costs.loop_s || finding_of(costs.further) != Finding::faster)
        return std::nullopt;
    const double gain = costs.loop_input_s() - costs.pool_input_s();
    if (gain <= 0) return std::nullopt;
    const double even = double(costs.inputs) + (costs.pool_s - costs.loop_s) / gain;
    return to_two_digits(std::min(2 * even, 1e15));
}

std::optional<double> worthwhile_call(const Costs& costs) {
    if (costs.at_once < 2 || costs.inputs < 2) return std::nullopt;
    // n calls of t seconds: n t in a loop, overhead + n t / workers in a pool.
    const double inputs = double(costs.inputs);
    const double rounds = std::ceil(inputs / costs.at_once);
    return costs.pool_s / (inputs - rounds);
}

std::string what_the_costs_mean(const Costs& costs, const std::optional<Pairs>& tried,
                                const std::optional<sys::CpusUsed>& others) {
    if (costs.pool_s <= costs.loop_s) return "The pool won.";
    switch (finding_of(costs.further)) {
    case Finding::slower:
        return "The loop won, and each further input costs more in the pool.";
    case Finding::same:
        return "The loop won, and each further input costs as much in the pool.";
    case Finding::faster:
        if (tried) return meaning_of_trial(*tried, others);
        return fmt::format("The loop won; a pool may pay with more than {} (not tried).",
                           text::counted(most_to_try, "input"));
    case Finding::too_few:
    case Finding::undecided:
        break;
    }
    return unclear(others);
}

void compare_with_prediction(Run& run) {
    if (!run.outcome.prediction) return;
    const auto seconds = [&](const char* name) { return run.timing(name).wall_s; };
    const double loop_s = seconds("loop"), start_s = seconds("start");
    const double pool_s = start_s + seconds("work") + seconds("collect");
    if (loop_s <= 0 || pool_s <= 0)
        return run.outcome.prediction->cannot_be_told("the work is too short for the clock");
    run.outcome.prediction->came_out(
        loop_s / pool_s, pool_s <= loop_s
                             ? ""
                             : fmt::format("starting the pool took {}, the loop {}",
                                           text::duration(start_s), text::duration(loop_s)));
}

void explain_costs(Run& run, const input::PoolChoice& choice, std::uint64_t inputs,
                   const BothWays& ways) {
    if (inputs == 0) return;
    const auto seconds = [&](const char* name) { return run.timing(name).wall_s; };
    const sys::OtherPrograms others;
    const Costs costs = {
        .inputs = inputs,
        .loop_s = seconds("loop"),
        .pool_s = seconds("start") + seconds("work") + seconds("collect"),
        .further = time_in_pairs(further_inputs, ways.loop, ways.map),
        .at_once =
            choice.backend == "serial" ? 1 : std::min(choice.workers(), mp::process_cpu_count()),
    };
    std::optional<Pairs> tried;
    if (const auto more = inputs_to_try(costs); more && *more <= most_to_try)
        tried = time_in_pairs(*more, ways.loop, ways.pool);

    run.say("");
    run.say(fmt::format("{}: {} in a plain loop, {} in the pool.", text::counted(inputs, "input"),
                        text::duration(costs.loop_s), text::duration(costs.pool_s)));
    run.say(fmt::format("Each further one, into new memory: {} in the loop, {} in the pool.",
                        text::duration(costs.loop_input_s()),
                        text::duration(costs.pool_input_s())));
    if (const auto call = worthwhile_call(costs))
        run.say(fmt::format("With {} on idle CPUs a pool pays when one call takes more than {}.",
                            text::counted(inputs, "input"), text::duration(*call)));
    const auto used = others.cpus_used();
    if (const std::string taken = taken_by_others(used); !taken.empty())
        run.say("While this was measured, " + taken + ".");
    const bool pool_won = costs.pool_s <= costs.loop_s;
    if (!pool_won) run.say(what_the_costs_mean(costs, tried, used));
    run.outcome.meaning = pool_won ? "The pool won." : "The loop won.";
}

} // namespace mpworkshop::kit
