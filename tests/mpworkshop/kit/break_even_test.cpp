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

/// 50 inputs, and 1 ms of overhead; each further input takes the given nanoseconds.
Costs costs(double loop_ns, double pool_ns, const std::vector<double>& noise = steady) {
    return {.inputs = 50,
            .loop_s = 0,
            .pool_s = 1e-3,
            .further = pairs(1000, loop_ns * 1e-6, pool_ns * 1e-6, noise),
            .at_once = 2};
}

const std::vector<double> loaded = {0.3, 0.5, 0.9, 1.2, 2.5, 3};
const std::optional<CpusUsed> nobody = CpusUsed{0.02, 2}, unknown = std::nullopt,
                              a_busy_loop = CpusUsed{1.0, 2};

} // namespace

TEST(BreakEven, is_tried_with_twice_the_inputs_that_pay_for_the_start) {
    // 100 ns are gained with each further input.
    EXPECT_EQ(inputs_to_try(costs(200, 100)), 20'000U);
}

TEST(BreakEven, is_tried_only_where_further_inputs_are_faster_for_certain) {
    EXPECT_FALSE(inputs_to_try(costs(1, 3)));
    EXPECT_FALSE(inputs_to_try(costs(1, 0.995)));
    EXPECT_FALSE(inputs_to_try(costs(100, 100, loaded)));
    EXPECT_FALSE(inputs_to_try({.inputs = 50, .loop_s = 2, .pool_s = 1})) << "it won already";
}

TEST(BreakEven, is_that_the_pool_won_where_it_did) {
    Costs won = costs(200, 100);
    won.loop_s = 2;
    EXPECT_EQ(what_the_costs_mean(won, std::nullopt, nobody), "The pool won.");
}

TEST(BreakEven, says_what_a_run_with_more_inputs_showed) {
    EXPECT_EQ(what_the_costs_mean(costs(200, 100), pairs(20'000, 4e-3, 3e-3), nobody),
              "The loop won; with 20,000 inputs the pool does: 3.00 ms against 4.00 ms.");
    EXPECT_EQ(what_the_costs_mean(costs(200, 100), pairs(2'800'000, 16e-3, 66e-3), nobody),
              "The loop won, with 2,800,000 inputs too: 16.0 ms against 66.0 ms.");
    EXPECT_EQ(what_the_costs_mean(costs(200, 100), std::nullopt, nobody),
              "The loop won; a pool may pay with more than 2,000,000 inputs (not tried).");
}

TEST(BreakEven, is_withheld_where_the_times_do_not_tell) {
    for (const auto& [found, tried] :
         {std::pair(costs(200, 100), std::optional(pairs(20'000, 4e-3, 3e-3, loaded))),
          std::pair(costs(100, 100, loaded), std::optional<Pairs>())}) {
        const std::string start = "The loop won; whether a pool ever pays is unclear: ";
        EXPECT_EQ(what_the_costs_mean(found, tried, a_busy_loop), start + "the machine is busy.");
        EXPECT_EQ(what_the_costs_mean(found, tried, nobody), start + "times vary too much.");
        EXPECT_EQ(what_the_costs_mean(found, tried, unknown), start + "times vary too much.");
    }
    Pairs few = pairs(20'000, 4e-3, 3e-3);
    few.loop_s.pop_back();
    EXPECT_TRUE(has(what_the_costs_mean(costs(200, 100), few, nobody), "is unclear"));
}

TEST(BreakEven, does_not_exist_where_further_inputs_cost_as_much_or_more_in_the_pool) {
    EXPECT_EQ(what_the_costs_mean(costs(6.75, 23), std::nullopt, a_busy_loop),
              "The loop won, and each further input costs more in the pool.");
    EXPECT_EQ(what_the_costs_mean(costs(5, 5), std::nullopt, nobody),
              "The loop won, and each further input costs as much in the pool.");
}

TEST(WorthwhileCall, saves_as_much_as_the_pool_costs) {
    // 4 inputs for 2 workers: two calls are saved
    EXPECT_DOUBLE_EQ(*worthwhile_call({.inputs = 4, .pool_s = 1e-3, .at_once = 2}), 0.5e-3);
    EXPECT_DOUBLE_EQ(*worthwhile_call({.inputs = 5, .pool_s = 1e-3, .at_once = 4}), 1e-3 / 3);
}

TEST(WorthwhileCall, does_not_exist_for_one_worker_or_one_input) {
    EXPECT_EQ(worthwhile_call({.inputs = 50, .pool_s = 1e-3, .at_once = 1}), std::nullopt);
    EXPECT_EQ(worthwhile_call({.inputs = 1, .pool_s = 1e-3, .at_once = 4}), std::nullopt);
}
