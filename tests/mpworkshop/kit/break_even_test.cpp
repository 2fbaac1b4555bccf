#include "mpworkshop/kit/break_even.hpp"

#include <gtest/gtest.h>

#include "support/command.hpp"

using namespace mpworkshop::kit;
using mpworkshop::sys::CpusUsed;
using support::has;

namespace {

const std::vector<double> steady(6, 1.0);

std::vector<double> times(double factor, const std::vector<double>& seconds) {
    std::vector<double> found;
    for (const double each : seconds) found.push_back(factor * each);
    return found;
}

Pairs pairs(std::uint64_t inputs, double loop_s, double pool_s,
            const std::vector<double>& noise = steady) {
    return {inputs, times(loop_s, steady), times(pool_s, noise)};
}

const std::vector<double> loaded = {0.3, 0.5, 0.9, 1.2, 2.5, 3};
const std::optional<CpusUsed> nobody = CpusUsed{0.02, 2}, unknown = std::nullopt,
                              a_busy_loop = CpusUsed{1.0, 2};

/// 50 inputs, and 1 ms of overhead; each further input takes the given nanoseconds.
Costs costs(double loop_ns, double pool_ns, const std::vector<double>& noise = steady) {
    return {.run = pairs(50, 1e-9, 1e-3),
            .further = pairs(1000, loop_ns * 1e-6, pool_ns * 1e-6, noise),
            .at_once = 2,
            .others = nobody};
}

/// The run alone, in seconds, and what other programs took meanwhile.
Costs once(double loop_s, double pool_s, const std::optional<CpusUsed>& others = nobody) {
    return {.run = {50, {loop_s}, {pool_s}}, .at_once = 2, .others = others};
}

std::string came_out(const Costs& costs) {
    Prediction prediction("", Quantity::speedup, 2);
    compare_with_prediction(prediction, costs);
    return prediction.in_words();
}

} // namespace

TEST(BreakEven, is_tried_with_twice_the_inputs_that_pay_for_the_start) {
    // 100 ns are gained with each further input.
    EXPECT_EQ(inputs_to_try(costs(200, 100)), 20'000U);
}

TEST(BreakEven, is_tried_only_where_further_inputs_are_faster_for_certain) {
    EXPECT_FALSE(inputs_to_try(costs(1, 3)));
    EXPECT_FALSE(inputs_to_try(costs(1, 0.995)));
    EXPECT_FALSE(inputs_to_try(costs(100, 100, loaded)));
    EXPECT_FALSE(inputs_to_try(once(2, 1))) << "it won already";
    EXPECT_FALSE(inputs_to_try(once(1, 1.1))) << "unclear";
}

TEST(BreakEven, is_that_the_pool_won_where_it_did) {
    Costs won = costs(200, 100);
    won.run.loop_s = times(2, steady);
    EXPECT_EQ(what_the_costs_mean(won, std::nullopt), "The pool won.");
    EXPECT_EQ(what_the_costs_mean(once(2, 1), std::nullopt), "The pool won.");
}

TEST(BreakEven, names_a_winner_only_where_the_pairs_agree) {
    const std::string start = "Whether the loop or the pool is faster is unclear: ";
    Costs found = costs(200, 100);
    found.run = pairs(50, 1, 1, loaded);
    EXPECT_EQ(what_the_costs_mean(found, std::nullopt), start + "times vary too much.");
    found.others = a_busy_loop;
    EXPECT_EQ(what_the_costs_mean(found, std::nullopt), start + "the machine is busy.");
    found.run = pairs(50, 1, 3); // beside other programs, too
    EXPECT_TRUE(has(what_the_costs_mean(found, std::nullopt), "The loop won"));
    found.run = pairs(50, 1, 1.01);
    EXPECT_EQ(what_the_costs_mean(found, std::nullopt), "The loop and the pool took as long.");
}

TEST(BreakEven, of_a_run_that_is_not_repeated_needs_an_idle_machine_and_a_large_difference) {
    EXPECT_TRUE(has(what_the_costs_mean(once(1, 2), std::nullopt), "The loop won"));
    EXPECT_TRUE(has(what_the_costs_mean(once(1, 1.2), std::nullopt), "is faster is unclear"));
    EXPECT_TRUE(has(what_the_costs_mean(once(1.2, 1), std::nullopt), "is faster is unclear"));
    EXPECT_TRUE(
        has(what_the_costs_mean(once(1, 2, a_busy_loop), std::nullopt), "the machine is busy."));
    EXPECT_TRUE(has(what_the_costs_mean(once(1, 20, a_busy_loop), std::nullopt), "The loop won"));
    EXPECT_EQ(what_the_costs_mean(once(20, 1, a_busy_loop), std::nullopt), "The pool won.");
    Costs waited = once(1, 2);
    waited.ready_s = 0.5;
    EXPECT_TRUE(has(what_the_costs_mean(waited, std::nullopt), "is faster is unclear"));
}

TEST(BreakEven, says_what_a_run_with_more_inputs_showed) {
    EXPECT_EQ(what_the_costs_mean(costs(200, 100), pairs(20'000, 4e-3, 3e-3)),
              "The loop won; with 20,000 inputs the pool does: 3.00 ms against 4.00 ms.");
    EXPECT_EQ(what_the_costs_mean(costs(200, 100), pairs(2'800'000, 16e-3, 66e-3)),
              "The loop won, with 2,800,000 inputs too: 16.0 ms against 66.0 ms.");
    EXPECT_EQ(what_the_costs_mean(costs(200, 100), std::nullopt),
              "The loop won; a pool may pay with more than 2,000,000 inputs (not tried).");
}

TEST(BreakEven, is_withheld_where_the_times_do_not_tell) {
    for (auto [found, tried] :
         {std::pair(costs(200, 100), std::optional(pairs(20'000, 4e-3, 3e-3, loaded))),
          std::pair(costs(100, 100, loaded), std::optional<Pairs>())}) {
        const std::string start = "The loop won; whether a pool ever pays is unclear: ";
        EXPECT_EQ(what_the_costs_mean(found, tried), start + "times vary too much.");
        found.others = a_busy_loop;
        EXPECT_EQ(what_the_costs_mean(found, tried), start + "the machine is busy.");
        found.others = unknown;
        EXPECT_EQ(what_the_costs_mean(found, tried), start + "times vary too much.");
    }
    Pairs few = pairs(20'000, 4e-3, 3e-3);
    few.loop_s.pop_back();
    EXPECT_TRUE(has(what_the_costs_mean(costs(200, 100), few), "is unclear"));
}

TEST(BreakEven, does_not_exist_where_further_inputs_cost_as_much_or_more_in_the_pool) {
    EXPECT_EQ(what_the_costs_mean(costs(6.75, 23), std::nullopt),
              "The loop won, and each further input costs more in the pool.");
    EXPECT_EQ(what_the_costs_mean(costs(5, 5), std::nullopt),
              "The loop won, and each further input costs as much in the pool.");
}

TEST(WhichCallPays, is_the_one_that_saves_as_much_as_the_pool_costs) {
    Costs found = costs(200, 100); // 50 inputs for 2 workers: 25 calls are saved
    EXPECT_EQ(which_call_pays(found),
              "With 50 inputs on idle CPUs a pool pays when one call takes more than 40.0 us.");
    found.at_once = 4;
    found.run.inputs = 5;
    EXPECT_TRUE(has(which_call_pays(found), "takes more than 333 us."));
    EXPECT_TRUE(has(which_call_pays(once(1e-6, 1e-3)), "takes more than 40.0 us."));
}

TEST(WhichCallPays, does_not_exist_for_one_worker_or_one_input) {
    Costs found = costs(200, 100);
    found.at_once = 1;
    EXPECT_EQ(which_call_pays(found), "");
    found = costs(200, 100);
    found.run.inputs = 1;
    EXPECT_EQ(which_call_pays(found), "");
}

TEST(WhichCallPays, is_withheld_where_other_programs_or_waits_for_a_cpu_lengthened_the_pool) {
    const std::string start = "How long a call must take before a pool pays is unclear: ";
    Costs busy = costs(200, 100);
    busy.others = a_busy_loop;
    EXPECT_EQ(which_call_pays(busy), start + "the machine is busy.");
    Costs waited = once(1e-6, 1e-3);
    waited.ready_s = 0.2e-3;
    EXPECT_EQ(which_call_pays(waited), start + "times vary too much.");
    Costs varies = costs(200, 100);
    varies.run = pairs(50, 1e-9, 1e-3, loaded);
    EXPECT_EQ(which_call_pays(varies), start + "times vary too much.");
    EXPECT_TRUE(has(which_call_pays(once(1e-6, 1e-3, a_busy_loop)), "is unclear"));
}

TEST(PredictionOfAPool, gives_a_reason_that_adds_up) {
    EXPECT_EQ(came_out(once(2e-6, 0.2)), "You said 2 times as fast. It was 100,000 times as slow: "
                                         "starting, using and ending the pool took 200 ms, the "
                                         "loop 2.00 us.");
    EXPECT_EQ(came_out(once(2, 1)), "You said 2 times as fast. It was 2 times.");
}

TEST(PredictionOfAPool, is_withheld_where_one_pair_beside_other_programs_does_not_tell) {
    EXPECT_EQ(came_out(once(1, 2, a_busy_loop)),
              "You said 2 times as fast. What it was cannot be told: the machine is busy.");
    EXPECT_TRUE(has(came_out(once(1, 1.2)), "cannot be told: times vary too much."));
    EXPECT_TRUE(has(came_out(once(0, 1)), "too short for the clock"));
}

TEST(PredictionOfAPool, names_other_programs_where_all_pairs_agree_beside_them) {
    Costs busy = costs(200, 100);
    busy.others = a_busy_loop;
    EXPECT_TRUE(has(came_out(busy), ", while other programs used 1.0 of the 2 CPUs."));
    busy.run = pairs(50, 3, 1);
    EXPECT_EQ(came_out(busy), "You said 2 times as fast. It was 3 times: measured while other "
                              "programs used 1.0 of the 2 CPUs.");
}
