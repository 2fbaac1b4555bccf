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
constexpr double longest_repeated_s = 0.2; // a run and its loop that are measured again
constexpr double large_difference = 1.5;   // a single pair does not vary by more on an idle machine
constexpr double huge_difference = 10;     // nor by more on a busy one
constexpr double much_ready = 0.1;         // of the time of the pool

/// Two digits: more would suggest too much precision.
std::uint64_t to_two_digits(double number) {
    const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(number)) - 1));
    return static_cast<std::uint64_t>(std::round(number / unit) * unit);
}

/// As many pairs as an interval needs, or fewer if they take too long.
Pairs time_in_pairs(std::uint64_t inputs, const std::function<double(std::uint64_t)>& loop,
                    const std::function<double(std::uint64_t)>& pool,
                    double longest_s = longest_trial_s) {
    Pairs pairs{.inputs = inputs};
    const double begin = clock_s();
    while (pairs.loop_s.size() < stats::least_for_interval && clock_s() - begin < longest_s) {
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

std::string unclear(const Costs& costs) {
    return "The loop won; whether a pool ever pays is unclear: " +
           why_unclear_briefly(costs.others);
}

std::string meaning_of_trial(const Pairs& tried, const Costs& costs) {
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
    return unclear(costs);
}

/// Which of both was faster, in one sentence.
std::string who_won(const Costs& costs) {
    switch (costs.pool()) {
    case Finding::faster:
        return "The pool won.";
    case Finding::slower:
        return "The loop won.";
    case Finding::same:
        return "The loop and the pool took as long.";
    case Finding::too_few:
    case Finding::undecided:
        break;
    }
    return "Whether the loop or the pool is faster is unclear: " +
           why_unclear_briefly(costs.others);
}

/// How long one call must take for the pool to be as fast as the loop; empty if it cannot be.
std::optional<double> worthwhile_call_s(const Costs& costs) {
    if (costs.at_once < 2 || costs.run.inputs < 2) return std::nullopt;
    // n calls of t seconds: n t in a loop, overhead + n t / workers in a pool.
    const double inputs = double(costs.run.inputs);
    const double rounds = std::ceil(inputs / costs.at_once);
    return costs.pool_s() / (inputs - rounds);
}

/// One pair, from the timings of the run.
Pairs pair_of(Run& run, std::uint64_t inputs) {
    const auto seconds = [&](const char* name) { return run.timing(name).wall_s; };
    return {.inputs = inputs,
            .loop_s = {seconds("loop")},
            .pool_s = {seconds("start") + seconds("work") + seconds("collect")}};
}

double longest_ready_s(const std::vector<mp::WorkerStats>& workers) {
    double longest = 0;
    for (const mp::WorkerStats& worker : workers)
        longest = std::max(longest, worker.ready_seconds.value_or(0));
    return longest;
}

/// What other programs took during the run or, if that was more, afterwards.
std::optional<sys::CpusUsed> busier(const std::optional<sys::CpusUsed>& run,
                                    const std::optional<sys::CpusUsed>& afterwards) {
    if (!run || !afterwards) return run ? run : afterwards;
    return run->used > afterwards->used ? run : afterwards;
}

} // namespace

double Costs::loop_s() const { return stats::median(run.loop_s); }
double Costs::pool_s() const { return stats::median(run.pool_s); }
double Costs::loop_input_s() const {
    return stats::median(further.loop_s) / double(further.inputs);
}
double Costs::pool_input_s() const {
    return stats::median(further.pool_s) / double(further.inputs);
}

Finding Costs::pool() const {
    if (run.loop_s.size() >= stats::least_for_interval) return finding_of(run);
    const bool disturbed = !taken_by_others(others).empty() || waited_for_cpus();
    const double clear = disturbed ? huge_difference : large_difference;
    if (pool_s() > clear * loop_s()) return Finding::slower;
    return loop_s() > clear * pool_s() ? Finding::faster : Finding::undecided;
}

bool Costs::waited_for_cpus() const { return ready_s > much_ready * pool_s(); }

bool Costs::pool_is_known() const {
    if (!taken_by_others(others).empty() || waited_for_cpus()) return false;
    const auto interval = stats::median_interval(run.pool_s);
    return run.pool_s.size() == 1 || (interval && interval->high <= 2 * interval->low);
}

std::optional<std::uint64_t> inputs_to_try(const Costs& costs) {
    if (costs.pool() != Finding::slower || finding_of(costs.further) != Finding::faster)
        return std::nullopt;
    const double gain = costs.loop_input_s() - costs.pool_input_s();
    if (gain <= 0) return std::nullopt;
    const double even = double(costs.run.inputs) + (costs.pool_s() - costs.loop_s()) / gain;
    return to_two_digits(std::min(2 * even, 1e15));
}

std::string which_call_pays(const Costs& costs) {
    const auto call = worthwhile_call_s(costs);
    if (!call) return "";
    if (!costs.pool_is_known())
        return "How long a call must take before a pool pays is unclear: " +
               why_unclear_briefly(costs.others);
    return fmt::format("With {} on idle CPUs a pool pays when one call takes more than {}.",
                       text::counted(costs.run.inputs, "input"), text::duration(*call));
}

std::string what_the_costs_mean(const Costs& costs, const std::optional<Pairs>& tried) {
    if (costs.pool() != Finding::slower) return who_won(costs);
    switch (finding_of(costs.further)) {
    case Finding::slower:
        return "The loop won, and each further input costs more in the pool.";
    case Finding::same:
        return "The loop won, and each further input costs as much in the pool.";
    case Finding::faster:
        if (tried) return meaning_of_trial(*tried, costs);
        return fmt::format("The loop won; a pool may pay with more than {} (not tried).",
                           text::counted(most_to_try, "input"));
    case Finding::too_few:
    case Finding::undecided:
        break;
    }
    return unclear(costs);
}

void compare_with_prediction(Prediction& prediction, const Costs& costs) {
    const auto speedup = stats::speedup(costs.run.loop_s, costs.run.pool_s);
    if (!speedup) return prediction.cannot_be_told("the work is too short for the clock");
    const Finding finding = costs.pool();
    if (finding == Finding::undecided || finding == Finding::too_few)
        return prediction.cannot_be_told(why_unclear_briefly(costs.others));
    std::string because;
    if (finding == Finding::slower)
        because = fmt::format("starting, using and ending the pool took {}, the loop {}",
                              text::duration(costs.pool_s()), text::duration(costs.loop_s()));
    if (const std::string taken = taken_by_others(costs.others); !taken.empty())
        because += (because.empty() ? "measured while " : ", while ") + taken;
    prediction.came_out(speedup->ratio, because);
}

void compare_with_prediction(Run& run) {
    if (!run.outcome.prediction || run.afterwards) return;
    run.afterwards = [&run] {
        compare_with_prediction(*run.outcome.prediction,
                                {.run = pair_of(run, 0),
                                 .ready_s = longest_ready_s(run.outcome.workers),
                                 .others = run.outcome.others});
    };
}

void explain_costs(Run& run, const input::PoolChoice& choice, std::uint64_t inputs,
                   const BothWays& ways) {
    Costs costs = {
        .run = pair_of(run, inputs),
        .at_once =
            choice.backend == "serial" ? 1 : std::min(choice.workers(), mp::process_cpu_count()),
        .ready_s = longest_ready_s(run.outcome.workers),
        .others = run.outcome.others,
    };
    if (inputs == 0) {
        if (run.outcome.prediction) compare_with_prediction(*run.outcome.prediction, costs);
        return;
    }
    const sys::OtherPrograms others;
    const bool is_short = costs.loop_s() + costs.pool_s() < longest_repeated_s;
    if (is_short) {
        costs.run = time_in_pairs(inputs, ways.loop, ways.pool,
                                  2 * longest_repeated_s * double(stats::least_for_interval));
        costs.ready_s = 0; // unknown of these
    }
    if (run.json() || run.quiet()) { // the prediction is all that is wanted
        if (is_short) costs.others = others.cpus_used();
        return compare_with_prediction(*run.outcome.prediction, costs);
    }
    costs.further = time_in_pairs(further_inputs, ways.loop, ways.map);
    std::optional<Pairs> tried;
    if (const auto more = inputs_to_try(costs); more && *more <= most_to_try)
        tried = time_in_pairs(*more, ways.loop, ways.pool);
    const auto meanwhile = others.cpus_used();
    costs.others = is_short ? meanwhile : busier(run.outcome.others, meanwhile);
    if (run.outcome.prediction) compare_with_prediction(*run.outcome.prediction, costs);

    run.say("");
    run.say(fmt::format(
        "{}{}: {} in a plain loop, {} in the pool.", text::counted(inputs, "input"),
        is_short ? fmt::format(", median of {}", text::counted(costs.run.loop_s.size(), "run"))
                 : "",
        text::duration(costs.loop_s()), text::duration(costs.pool_s())));
    run.say(fmt::format("Each further one, into new memory: {} in the loop, {} in the pool.",
                        text::duration(costs.loop_input_s()),
                        text::duration(costs.pool_input_s())));
    if (const std::string words = which_call_pays(costs); !words.empty()) run.say(words);
    if (const std::string taken = taken_by_others(costs.others); !taken.empty())
        run.say("While this was measured, " + taken + ".");
    if (costs.pool() == Finding::slower) run.say(what_the_costs_mean(costs, tried));
    run.outcome.meaning = who_won(costs);
}

} // namespace mpworkshop::kit
