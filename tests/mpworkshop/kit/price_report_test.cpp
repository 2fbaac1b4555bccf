#include "mpworkshop/kit/price_report.hpp"

#include <gtest/gtest.h>

#include "support/command.hpp"

using namespace mpworkshop::kit;
using mpworkshop::sys::CpusUsed;
using support::has;

namespace {

Samples known_as(double seconds) {
    return {.median = seconds,
            .least = seconds * 0.8,
            .most = seconds * 3,
            .count = 10,
            .interval = mpworkshop::stats::Interval{seconds * 0.9, seconds * 1.1}};
}

Samples uncertain(double seconds) {
    Samples samples = known_as(seconds);
    samples.interval = mpworkshop::stats::Interval{seconds / 2, seconds * 4};
    return samples;
}

} // namespace

TEST(PriceAdvice, goes_by_the_more_expensive_state_of_the_worker) {
    EXPECT_TRUE(has(advice_on_chunks({known_as(245e-9), known_as(20e-6), known_as(400e-6)}),
                    "with 2.00 ms of work in it, a hundred times the price of a task whose "
                    "worker sleeps, you lose less than 1 %."));
    EXPECT_TRUE(has(advice_on_chunks({known_as(30e-6), known_as(20e-6), known_as(400e-6)}),
                    "with 3.00 ms of work in it, a hundred times the price of a task whose "
                    "worker is awake"));
    EXPECT_EQ(advice_on_pools({known_as(245e-9), known_as(20e-6), known_as(400e-6)}),
              "A process costs as much as 20 tasks in a pool: start a pool once, keep it.");
}

TEST(PriceAdvice, is_withheld_where_the_price_of_a_task_is_uncertain) {
    TaskPrices prices = {known_as(1e-6), uncertain(105e-6), known_as(400e-6), CpusUsed{1.1, 2}};
    EXPECT_EQ(advice_on_chunks(prices),
              "How much work a chunk must have is unclear: the price of a task in a pool is "
              "uncertain, as other programs used 1.1 of the 2 CPUs; end them, and run it again.");
    EXPECT_EQ(advice_on_pools(prices), "");
    prices.others = CpusUsed{0.1, 2};
    EXPECT_TRUE(has(advice_on_chunks(prices), "as the times vary too much; run it again."));
    prices.asleep.interval = std::nullopt;
    EXPECT_TRUE(has(advice_on_chunks(prices), "is unclear"));
}

TEST(PriceAdvice, is_withheld_beside_other_programs_however_steady_the_samples_are) {
    const TaskPrices prices = {known_as(1e-6), known_as(20e-6), known_as(400e-6), CpusUsed{1.1, 2}};
    EXPECT_EQ(advice_on_chunks(prices),
              "How much work a chunk must have is unclear: the price of a task in a pool is "
              "uncertain, as other programs used 1.1 of the 2 CPUs; end them, and run it again.");
    EXPECT_EQ(advice_on_pools(prices), "");
}

TEST(PriceAdvice, on_pools_takes_a_process_that_is_more_expensive_for_certain) {
    EXPECT_EQ(advice_on_pools({known_as(1e-6), known_as(300e-6), uncertain(400e-6)}), "");
    EXPECT_EQ(advice_on_pools({known_as(1e-6), known_as(400e-6), known_as(400e-6)}), "");
}
