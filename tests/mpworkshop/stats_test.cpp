#include "mpworkshop/benchmark/stats.hpp"

#include <gtest/gtest.h>

using namespace mpworkshop::stats;

namespace {

using Samples = std::vector<double>;

} // namespace

TEST(Stats, the_median_is_the_middle_or_between_the_two_middle_ones) {
    EXPECT_EQ(median(Samples{3, 1, 2}), 2);
    EXPECT_EQ(median(Samples{4, 1, 3, 2}), 2.5);
    EXPECT_EQ(median(Samples{7}), 7);
    EXPECT_EQ(median(Samples{}), 0);
}

TEST(Stats, one_outlier_moves_neither_the_median_nor_the_mad) {
    const Summary s = summary(Samples{1, 1, 2, 2, 4, 6, 9});
    EXPECT_EQ(s.count, 7U);
    EXPECT_EQ(s.median, 2);
    EXPECT_EQ(s.mad, 1); // the distances are 1 1 0 0 2 4 7
    EXPECT_EQ(s.min, 1);
    EXPECT_EQ(s.max, 9);
    EXPECT_EQ(s.scatter(), 0.5);
    EXPECT_EQ(summary(Samples{1, 1, 2, 2, 4, 6, 900}).mad, 1);
    EXPECT_EQ(summary(Samples{}).scatter(), 0);
}

TEST(Stats, rank_sums_have_the_probabilities_of_the_published_tables) {
    EXPECT_DOUBLE_EQ(rank_sum_tail(3, 3, 1), 1.0 / 20); // one order of C(6, 3)
    EXPECT_DOUBLE_EQ(rank_sum_tail(4, 4, 1), 1.0 / 70);
    EXPECT_DOUBLE_EQ(rank_sum_tail(5, 5, 3), 4.0 / 252); // 1 + 1 + 2 orders below 3
    EXPECT_DOUBLE_EQ(rank_sum_tail(2, 3, 2), 2.0 / 10);
    // Two-sided 5 % for 10 and 10 is U <= 23, for 20 and 20 U <= 127.
    EXPECT_LE(2 * rank_sum_tail(10, 10, 24), 0.05);
    EXPECT_GT(2 * rank_sum_tail(10, 10, 25), 0.05);
    EXPECT_LE(2 * rank_sum_tail(20, 20, 128), 0.05);
    EXPECT_GT(2 * rank_sum_tail(20, 20, 129), 0.05);
}

TEST(Stats, the_normal_approximation_joins_the_exact_probabilities) {
    EXPECT_NEAR(rank_sum_tail(50, 50, 1000), rank_sum_tail(50, 51, 1020), 0.002);
    EXPECT_LT(rank_sum_tail(50, 51, 900), rank_sum_tail(50, 51, 1000));
}

TEST(Stats, a_speedup_is_the_ratio_of_the_medians_within_its_interval) {
    const auto s = speedup(Samples{10, 11, 9, 10, 10}, Samples{5, 5, 5.5, 4.5, 5});
    ASSERT_TRUE(s);
    EXPECT_EQ(s->ratio, 2);
    EXPECT_EQ(s->level, 0.95);
    EXPECT_LT(s->low, 2);
    EXPECT_GT(s->high, 2);
    EXPECT_GT(s->low, 1);
    EXPECT_TRUE(s->measurable());
}

TEST(Stats, the_interval_of_five_and_five_leaves_out_two_ratios_on_each_side) {
    const auto s = speedup(Samples{1, 2, 4, 8, 16}, Samples{1, 1, 1, 1, 1});
    ASSERT_TRUE(s);
    EXPECT_EQ(s->low, 1); // the ratios are 1 to 16, five times each
    EXPECT_EQ(s->high, 16);
    const auto t = speedup(Samples{1, 1.1, 1.2, 1.3, 1.4}, Samples{1, 10, 100, 1000, 10000});
    ASSERT_TRUE(t);
    EXPECT_DOUBLE_EQ(t->low, 1.2e-4); // the third
    EXPECT_DOUBLE_EQ(t->high, 1.2);
}

TEST(Stats, times_that_overlap_are_no_measurable_difference) {
    const Samples a = {1.00, 1.05, 0.98, 1.02, 1.01}, b = {0.99, 1.04, 1.00, 1.03, 0.97};
    EXPECT_FALSE(speedup(a, b)->measurable());
    EXPECT_FALSE(speedup(a, a)->measurable());
}

TEST(Stats, less_than_one_percent_is_no_measurable_difference) {
    const Samples a = {1.000, 1.001, 1.002, 1.003, 1.004}, b = {1.005, 1.006, 1.007, 1.008, 1.009};
    EXPECT_LT(speedup(a, b)->high, 1);
    EXPECT_FALSE(speedup(a, b)->measurable());
}

TEST(Stats, three_and_three_runs_are_too_few_to_tell_anything) {
    const auto s = speedup(Samples{10, 10.1, 10.2}, Samples{1, 1.1, 1.2});
    ASSERT_TRUE(s);
    EXPECT_DOUBLE_EQ(s->level, 0.9);
    EXPECT_FALSE(s->measurable());
    EXPECT_TRUE(speedup(Samples{10, 10.1, 10.2, 10.3}, Samples{1, 1.1, 1.2, 1.3})->measurable());
}

TEST(Stats, there_is_no_speedup_without_samples_or_with_a_time_of_zero) {
    EXPECT_FALSE(speedup(Samples{}, Samples{1}));
    EXPECT_FALSE(speedup(Samples{1}, Samples{}));
    EXPECT_FALSE(speedup(Samples{1}, Samples{0}));
}

TEST(Stats, karp_and_flatt_find_the_serial_share_that_amdahl_put_in) {
    for (const double share : {0.0, 0.05, 0.3, 1.0})
        for (const double p : {2.0, 4.0, 64.0})
            EXPECT_NEAR(*karp_flatt(amdahl(share, p), p), share, 1e-12);
    EXPECT_FALSE(karp_flatt(1, 1));
    EXPECT_EQ(efficiency(3, 4), 0.75);
}

TEST(Stats, gustafson_finds_the_share_that_does_not_grow) {
    EXPECT_DOUBLE_EQ(*gustafson(0.1 + 0.9 * 8, 8), 0.1);
    EXPECT_EQ(*gustafson(4, 4), 0);
    EXPECT_FALSE(gustafson(1, 1));
}

TEST(Stats, amdahls_curve_is_fitted_to_three_points_or_more) {
    const auto at = [](double p) { return Point{p, amdahl(0.1, p)}; };
    EXPECT_NEAR(*amdahl_fit(std::vector{at(1), at(2), at(4)}), 0.1, 1e-12);
    EXPECT_FALSE(amdahl_fit(std::vector{at(1), at(2)}));
    EXPECT_FALSE(amdahl_fit(std::vector{at(1), at(1), at(1)}));
    // Faster than ideal is a share of zero, not less.
    EXPECT_EQ(*amdahl_fit(std::vector<Point>{{1, 1}, {2, 2.2}, {4, 4.4}}), 0);
}

TEST(Stats, the_fit_lies_between_points_that_disagree) {
    const std::vector<Point> points = {
        {2, amdahl(0.1, 2)}, {2, amdahl(0.3, 2)}, {2, amdahl(0.2, 2)}};
    EXPECT_NEAR(*amdahl_fit(points), 0.2, 1e-12);
}

TEST(Stats, break_even_is_where_the_two_lines_meet) {
    EXPECT_DOUBLE_EQ(*break_even({.once = 1, .step = 4e-3}, {.once = 3, .step = 2e-3}), 1000);
    EXPECT_EQ(*break_even({.once = 3, .step = 4e-3}, {.once = 1, .step = 2e-3}), 0);
    EXPECT_FALSE(break_even({.once = 1, .step = 2e-3}, {.once = 3, .step = 2e-3}));
    EXPECT_FALSE(break_even({.once = 1, .step = 2e-3}, {.once = 3, .step = 1.95e-3}));
}
