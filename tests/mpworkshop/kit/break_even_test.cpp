#include "mpworkshop/kit/break_even.hpp"

#include <gtest/gtest.h>

using mpworkshop::kit::break_even;
using mpworkshop::kit::Costs;
using mpworkshop::kit::worthwhile_call;

TEST(BreakEven, is_where_the_gain_on_each_input_has_paid_for_the_start) {
    // 1 ms of overhead, 100 ns gained on each further input
    const Costs costs = {
        .inputs = 50, .loop_s = 0, .pool_s = 1e-3, .loop_input_s = 200e-9, .pool_input_s = 100e-9};
    EXPECT_EQ(break_even(costs), 10'050U);
}

TEST(BreakEven, is_nowhere_when_handing_over_costs_more_than_the_work) {
    EXPECT_EQ(break_even({.inputs = 50,
                          .loop_s = 0,
                          .pool_s = 1e-3,
                          .loop_input_s = 1e-9,
                          .pool_input_s = 3e-9}),
              std::nullopt);
    EXPECT_EQ(break_even({.inputs = 50,
                          .loop_s = 0,
                          .pool_s = 1e-3,
                          .loop_input_s = 1e-9,
                          .pool_input_s = 0.99e-9}),
              std::nullopt);
}

TEST(BreakEven, is_here_when_the_pool_has_won) {
    EXPECT_EQ(
        break_even({.inputs = 50, .loop_s = 2, .pool_s = 1, .loop_input_s = 1, .pool_input_s = 1}),
        50U);
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
