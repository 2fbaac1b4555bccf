#include "mpworkshop/kit/stats.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

using namespace mpworkshop::stats;

namespace {

using Samples = std::vector<double>;

Speedup exactly(double ratio) { return {ratio, 6, Interval{ratio, ratio}}; }

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

TEST(Stats, the_interval_of_a_median_leaves_out_what_the_sign_test_allows) {
    const auto interval_of = [](std::size_t count) {
        Samples samples(count);
        std::iota(samples.begin(), samples.end(), 1.0);
        std::ranges::reverse(samples);
        return median_interval(samples);
    };
    EXPECT_FALSE(interval_of(0));
    EXPECT_FALSE(interval_of(5));
    // The published ranks: 1 of 6, 2 of 9, 3 of 12, 6 of 20, 40 of 100.
    for (const auto& [count, rank] :
         {std::pair{6U, 1U}, {8U, 1U}, {9U, 2U}, {12U, 3U}, {20U, 6U}, {100U, 40U}}) {
        const auto found = interval_of(count);
        ASSERT_TRUE(found) << count;
        EXPECT_EQ(found->low, rank) << count;
        EXPECT_EQ(found->high, count + 1 - rank) << count;
    }
}

TEST(Stats, a_speedup_is_the_median_of_the_pairs_within_its_interval) {
    const auto s = speedup(Samples{10, 22, 9, 10, 10, 10}, Samples{5, 10, 5, 5, 5, 5});
    ASSERT_TRUE(s);
    EXPECT_EQ(s->ratio, 2);
    EXPECT_EQ(s->pairs, 6U);
    EXPECT_DOUBLE_EQ(s->interval->low, 1.8);
    EXPECT_DOUBLE_EQ(s->interval->high, 2.2);
}

TEST(Stats, a_machine_that_becomes_slower_does_not_change_a_speedup) {
    const auto s = speedup(Samples{2, 4, 8, 16, 32, 64}, Samples{1, 2, 4, 8, 16, 32});
    EXPECT_EQ(s->interval->low, 2);
    EXPECT_EQ(s->interval->high, 2);
}

TEST(Stats, five_pairs_are_too_few_for_an_interval_and_a_sixth_needs_its_partner) {
    const Samples five(5, 1), six(6, 2);
    EXPECT_EQ(speedup(six, five)->pairs, 5U);
    EXPECT_EQ(speedup(six, five)->ratio, 2);
    EXPECT_FALSE(speedup(six, five)->interval);
    EXPECT_EQ(speedup(six, five)->finding(), Finding::too_few);
    EXPECT_FALSE(speedup(six, five)->precise());
}

TEST(Stats, the_finding_follows_from_the_interval) {
    const auto finding = [](double ratio, double low, double high) {
        return Speedup{ratio, 6, Interval{low, high}}.finding();
    };
    EXPECT_EQ(finding(1.92, 1.85, 1.97), Finding::faster);
    EXPECT_EQ(finding(1.03, 1.02, 1.04), Finding::faster);
    EXPECT_EQ(finding(0.5, 0.4, 0.6), Finding::slower);
    EXPECT_EQ(finding(1.92, 0.97, 2.14), Finding::undecided);
    EXPECT_EQ(finding(1, 0.94, 1.02), Finding::undecided);
    EXPECT_EQ(finding(1, 0.96, 1.04), Finding::same);
    EXPECT_EQ(finding(1.005, 1.001, 1.009), Finding::same) << "less than 1 %";
    EXPECT_EQ(finding(1.005, 1.001, 1.3), Finding::undecided) << "less than 1 %, or 30 %";
}

TEST(Stats, there_is_no_speedup_without_samples_or_with_a_time_of_zero) {
    EXPECT_FALSE(speedup(Samples{}, Samples{1}));
    EXPECT_FALSE(speedup(Samples{1}, Samples{}));
    EXPECT_FALSE(speedup(Samples{1}, Samples{0}));
}

TEST(Stats, karp_and_flatt_find_the_serial_share_that_amdahl_put_in) {
    for (const double share : {0.0, 0.05, 0.3, 1.0})
        for (const unsigned p : {2U, 4U, 64U})
            EXPECT_NEAR(*karp_flatt(exactly(amdahl(share, p)), {p, 64}), share, 1e-9);
    EXPECT_FALSE(karp_flatt(exactly(1), {1, 4}));
}

TEST(Stats, there_is_no_serial_share_beyond_what_is_possible) {
    EXPECT_FALSE(karp_flatt(exactly(0.9), {2, 2})) << "111 %";
    EXPECT_FALSE(karp_flatt(exactly(2.1), {2, 2})) << "-5 %";
    EXPECT_FALSE(gustafson(exactly(2.1), {2, 2}));
}

TEST(Stats, nothing_follows_from_a_wide_interval_or_none_or_more_workers_than_cpus) {
    const Speedup wide = {1.92, 6, Interval{0.97, 2.14}}, none = {1.92, 5, std::nullopt};
    for (const Speedup& each : {wide, none}) {
        EXPECT_FALSE(efficiency(each, {2, 2}));
        EXPECT_FALSE(karp_flatt(each, {2, 2}));
        EXPECT_FALSE(gustafson(each, {2, 2}));
        EXPECT_FALSE(amdahl_fit(std::vector<Point>{{1, exactly(1)}, {2, each}, {4, each}}));
    }
    EXPECT_FALSE(efficiency(exactly(2), {4, 2}));
    EXPECT_FALSE(karp_flatt(exactly(2), {4, 2}));
    EXPECT_EQ(efficiency(exactly(3), {4, 4}), 0.75);
}

TEST(Stats, gustafson_finds_the_share_that_does_not_grow) {
    EXPECT_DOUBLE_EQ(*gustafson(exactly(0.1 + 0.9 * 8), {8, 8}), 0.1);
    EXPECT_EQ(*gustafson(exactly(4), {4, 4}), 0);
    EXPECT_FALSE(gustafson(exactly(1), {1, 1}));
}

TEST(Stats, amdahls_curve_is_fitted_to_three_points_or_more) {
    const auto at = [](double p) { return Point{p, exactly(amdahl(0.1, p))}; };
    EXPECT_NEAR(*amdahl_fit(std::vector{at(1), at(2), at(4)}), 0.1, 1e-12);
    EXPECT_FALSE(amdahl_fit(std::vector{at(1), at(2)}));
    EXPECT_FALSE(amdahl_fit(std::vector{at(1), at(1), at(1)}));
    EXPECT_FALSE(
        amdahl_fit(std::vector<Point>{{1, exactly(1)}, {2, exactly(2.2)}, {4, exactly(4.4)}}))
        << "faster than ideal";
}

TEST(Stats, the_fit_lies_between_points_that_disagree) {
    const std::vector<Point> points = {
        {2, exactly(amdahl(0.1, 2))}, {2, exactly(amdahl(0.3, 2))}, {2, exactly(amdahl(0.2, 2))}};
    EXPECT_NEAR(*amdahl_fit(points), 0.2, 1e-12);
}

TEST(Stats, break_even_is_where_the_two_lines_of_each_pair_meet) {
    const std::vector<Cost> serial(6, {.once = 1, .step = 4e-3}), six(6, {.once = 3, .step = 2e-3});
    EXPECT_DOUBLE_EQ(break_even(serial, six)->low, 1000);
    EXPECT_DOUBLE_EQ(break_even(serial, six)->high, 1000);
    EXPECT_EQ(break_even(six, std::vector<Cost>(6, {.once = 1, .step = 1e-3}))->high, 0);
    EXPECT_FALSE(break_even(serial, std::vector<Cost>(5, {.once = 3, .step = 2e-3})));
    std::vector<Cost> once_no_faster = six;
    once_no_faster[3].step = 4e-3;
    EXPECT_EQ(break_even(serial, once_no_faster)->high, HUGE_VAL);
}

namespace {

/// How often the interval of `pairs` pairs contains the true ratio, in 4000 experiments. The times
/// of a pair are multiplied by `noise_a`, `noise_b`, and both by what `machine` draws; the two
/// noises have the same distribution, or logarithms that are symmetric around 0.
template <class A, class B, class Machine>
double coverage(std::size_t pairs, A noise_a, B noise_b, Machine machine) {
    constexpr double truth = 1.9;
    constexpr int experiments = 4000;
    std::mt19937_64 random(20'000 + pairs);
    int within = 0;
    for (int i = 0; i < experiments; ++i) {
        Samples a, b;
        for (std::size_t pair = 0; pair < pairs; ++pair) {
            const double slowness = machine(pair, random);
            a.push_back(truth * slowness * noise_a(random));
            b.push_back(slowness * noise_b(random));
        }
        const auto found = speedup(a, b);
        within += found->interval->low <= truth && truth <= found->interval->high;
    }
    return double(within) / experiments;
}

using Random = std::mt19937_64;

double lognormal(Random& random) { return std::lognormal_distribution(0.0, 0.1)(random); }

/// exp of a Cauchy variable: it has neither mean nor variance.
double heavy_tailed(Random& random) {
    return std::exp(std::clamp(std::cauchy_distribution(0.0, 0.05)(random), -300.0, 300.0));
}

/// Every tenth run is disturbed, and takes up to ten times as long.
double contaminated(Random& random) {
    const double usual = std::lognormal_distribution(0.0, 0.02)(random);
    if (std::uniform_real_distribution(0.0, 1.0)(random) > 0.1) return usual;
    return usual * std::uniform_real_distribution(1.0, 10.0)(random);
}

constexpr std::size_t numbers_of_pairs[] = {6, 7, 9, 12, 20, 50};

} // namespace

TEST(SpeedupInterval, has_the_true_ratio_in_it_in_94_of_100_experiments_whatever_the_noise) {
    const auto steady = [](std::size_t, Random&) { return 1.0; };
    for (const std::size_t pairs : numbers_of_pairs) {
        EXPECT_GE(coverage(pairs, lognormal, lognormal, steady), 0.94) << pairs;
        EXPECT_GE(coverage(pairs, heavy_tailed, heavy_tailed, steady), 0.94) << pairs;
        EXPECT_GE(coverage(pairs, contaminated, contaminated, steady), 0.94) << pairs;
        EXPECT_GE(coverage(pairs, lognormal, heavy_tailed, steady), 0.94) << pairs;
    }
}

TEST(SpeedupInterval, has_the_true_ratio_in_it_on_a_machine_that_drifts_or_becomes_busy) {
    const auto drifts = [](std::size_t pair, Random&) { return 1 + 0.5 * double(pair); };
    const auto becomes_busy = [](std::size_t pair, Random&) { return pair < 4 ? 1.0 : 3.0; };
    const auto jumps = [](std::size_t, Random& random) { return heavy_tailed(random); };
    for (const std::size_t pairs : numbers_of_pairs) {
        EXPECT_GE(coverage(pairs, lognormal, lognormal, drifts), 0.94) << pairs;
        EXPECT_GE(coverage(pairs, contaminated, contaminated, becomes_busy), 0.94) << pairs;
        EXPECT_GE(coverage(pairs, lognormal, heavy_tailed, jumps), 0.94) << pairs;
    }
}
