#include "mpworkshop/kit/break_even.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "mpworkshop/text/text.hpp"

namespace mpworkshop::kit {
namespace {

namespace text = text;

/// The fastest of three: what disturbs a measurement only ever makes it
/// longer.
double seconds_of(const std::function<void()>& work) {
    using Clock = std::chrono::steady_clock;
    double fastest = HUGE_VAL;
    for (int i = 0; i < 3; ++i) {
        const auto begin = Clock::now();
        work();
        fastest = std::min(fastest, std::chrono::duration<double>(Clock::now() - begin).count());
    }
    return fastest;
}

/// Two digits: more would promise too much.
std::uint64_t to_two_digits(double number) {
    const double unit = std::pow(10, std::max(0.0, std::floor(std::log10(number)) - 1));
    return static_cast<std::uint64_t>(std::round(number / unit) * unit);
}

} // namespace

std::optional<std::uint64_t> break_even(const Costs& costs) {
    if (costs.pool_s <= costs.loop_s) return costs.inputs;
    const double gain = costs.loop_input_s - costs.pool_input_s;
    if (gain < costs.loop_input_s * 0.05) return std::nullopt; // less than can be measured
    return costs.inputs + to_two_digits((costs.pool_s - costs.loop_s) / gain);
}

std::optional<double> worthwhile_call(const Costs& costs) {
    if (costs.at_once < 2 || costs.inputs < 2) return std::nullopt;
    // n calls of t seconds: n t in a loop, overhead + n t / workers in a pool.
    const double inputs = double(costs.inputs);
    const double rounds = std::ceil(inputs / costs.at_once);
    return costs.pool_s / (inputs - rounds);
}

void explain_costs(Run& run, const input::PoolChoice& choice, std::uint64_t inputs,
                   std::uint64_t many, const std::function<void()>& in_a_loop,
                   const std::function<void(mp::Pool&)>& in_a_pool) {
    if (inputs == 0) return;
    mp::Pool pool({.processes = choice.workers(), .backend = choice.backend});
    const auto seconds = [&](const char* name) { return run.timing(name).wall_s; };
    const Costs costs = {
        .inputs = inputs,
        .loop_s = seconds("loop"),
        .pool_s = seconds("start") + seconds("work") + seconds("collect"),
        .loop_input_s = seconds_of(in_a_loop) / double(many),
        .pool_input_s = seconds_of([&] { in_a_pool(pool); }) / double(many),
        .at_once =
            choice.backend == "serial" ? 1 : std::min(choice.workers(), mp::process_cpu_count()),
    };
    run.say("");
    run.say(fmt::format("{}: {} in a plain loop, {} in the pool.", text::counted(inputs, "input"),
                        text::duration(costs.loop_s), text::duration(costs.pool_s)));
    run.say(fmt::format("Each further one: {} in the loop, {} in the pool.",
                        text::duration(costs.loop_input_s), text::duration(costs.pool_input_s)));
    if (const auto call = worthwhile_call(costs))
        run.say(fmt::format("With {} a pool pays when one call takes more than {}.",
                            text::counted(inputs, "input"), text::duration(*call)));

    const auto pays = break_even(costs);
    if (costs.pool_s <= costs.loop_s)
        run.outcome.meaning = "The pool won.";
    else if (pays)
        run.outcome.meaning =
            fmt::format("The loop won; a pool pays from {} on.", text::grouped(*pays));
    else
        run.outcome.meaning = "The loop won, as it would at any count.";
}

} // namespace mpworkshop::kit
