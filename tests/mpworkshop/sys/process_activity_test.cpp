#include "mpworkshop/sys/process_activity.hpp"

#include <gtest/gtest.h>

using namespace mpworkshop::sys;

namespace {

double sum_of(const std::vector<CpuLoad>& intervals, double CpuLoad::*what) {
    double sum = 0;
    for (const CpuLoad& each : intervals) sum += each.*what;
    return sum;
}

/// A thread that computed and waited all the time, read every 10 ms from `begin_s` on.
void simulate(ActivityBuilder& builder, pid_t thread, double begin_s, double end_s,
              CpuLoad per_second) {
    const auto handle = builder.add({.process = 1, .thread = thread}, begin_s, begin_s, {0, 0});
    for (double at_s = begin_s + 0.01; at_s < end_s + 1e-9; at_s += 0.01)
        builder.update(
            handle, at_s,
            {per_second.cpu_s * (at_s - begin_s), per_second.ready_s * (at_s - begin_s)});
}

} // namespace

TEST(Activity, has_what_each_thread_did_and_when) {
    ActivityBuilder builder;
    simulate(builder, 1, 0, 1, {1, 0});
    simulate(builder, 2, 0.5, 1, {0.5, 0.25});
    const Activity activity = builder.activity(1);
    ASSERT_EQ(activity.threads.size(), 2U);
    const ThreadActivity& second = activity.threads[1];
    EXPECT_DOUBLE_EQ(second.first_s, 0.5);
    EXPECT_NEAR(second.last_s, 1, 1e-9);
    EXPECT_NEAR(second.total.cpu_s, 0.25, 1e-9);
    EXPECT_NEAR(second.total.ready_s, 0.125, 1e-9);
    EXPECT_NEAR(activity.total.cpu_s, 1.25, 1e-9);
    EXPECT_TRUE(activity.ready_known);
    EXPECT_NEAR(activity.intervals[25].cpu_s / activity.interval_s, 1, 1e-6);
    EXPECT_NEAR(activity.intervals[75].cpu_s / activity.interval_s, 1.5, 1e-6);
    EXPECT_NEAR(second.intervals[25].cpu_s, 0, 1e-9);
    EXPECT_NEAR(sum_of(second.intervals, &CpuLoad::ready_s), 0.125, 1e-9);
}

TEST(Activity, is_kept_in_a_bounded_number_of_intervals_and_loses_nothing) {
    ActivityBuilder builder;
    simulate(builder, 1, 0, 100, {1, 0.5});
    const Activity activity = builder.activity(100);
    EXPECT_LE(activity.intervals.size(), ActivityBuilder::most_intervals);
    EXPECT_GE(activity.intervals.size(), ActivityBuilder::most_intervals / 2);
    EXPECT_NEAR(sum_of(activity.intervals, &CpuLoad::cpu_s), 100, 1e-6);
    EXPECT_NEAR(sum_of(activity.threads[0].intervals, &CpuLoad::ready_s), 50, 1e-6);
    EXPECT_NEAR(activity.intervals[100].cpu_s / activity.interval_s, 1, 1e-6);
}

TEST(Activity, of_a_wait_that_the_kernel_counted_at_its_end_lies_before_it) {
    ActivityBuilder builder;
    const auto handle = builder.add({.process = 1, .thread = 1}, 0, 0, {0, 0});
    for (int i = 1; i <= 50; ++i) builder.update(handle, i * 0.01, {0, 0});
    builder.update(handle, 0.51, {0.01, 0.4});
    const Activity activity = builder.activity(0.51);
    EXPECT_NEAR(activity.intervals[5].ready_s, 0, 1e-9);
    EXPECT_NEAR(activity.intervals[30].ready_s / activity.interval_s, 1, 1e-6);
}

TEST(Activity, of_a_thread_that_was_seen_late_began_when_it_was_not_yet_there) {
    ActivityBuilder builder;
    builder.add({.process = 1, .thread = 1}, 0.3, 0.4, {0.02, 0.01});
    const Activity activity = builder.activity(0.5);
    EXPECT_NEAR(activity.total.cpu_s, 0.02, 1e-9);
    EXPECT_NEAR(
        sum_of({activity.intervals.begin(), activity.intervals.begin() + 30}, &CpuLoad::cpu_s), 0,
        1e-9);
}

TEST(Activity, has_what_ended_between_two_looks) {
    ActivityBuilder builder;
    simulate(builder, 1, 0, 0.2, {0.5, 0});
    builder.settle(0.1, 0.03); // the threads account for more
    EXPECT_NEAR(builder.activity(0.2).total.cpu_s, 0.1, 1e-9);
    builder.settle(0.2, 0.16);
    const Activity activity = builder.activity(0.2);
    EXPECT_NEAR(activity.total.cpu_s, 0.16, 1e-9);
    EXPECT_NEAR(sum_of(activity.intervals, &CpuLoad::cpu_s), 0.16, 1e-9);
    EXPECT_NEAR(activity.intervals[15].cpu_s, 0.005 + 0.006, 1e-6);
}

TEST(Activity, counts_the_threads_that_it_cannot_list) {
    ActivityBuilder builder;
    for (std::size_t i = 0; i < ActivityBuilder::most_threads + 100; ++i)
        builder.end(builder.add({.process = 1, .thread = pid_t(i)}, 0, 0.01, {0.001, {}}));
    const Activity activity = builder.activity(1);
    EXPECT_EQ(activity.threads.size(), ActivityBuilder::most_threads);
    EXPECT_EQ(activity.unlisted_threads, 100U);
    EXPECT_NEAR(activity.total.cpu_s, 0.001 * (ActivityBuilder::most_threads + 100), 1e-9);
    EXPECT_FALSE(activity.ready_known);
}

TEST(Activity, does_not_count_backwards_where_a_number_is_used_again) {
    ActivityBuilder builder;
    const auto handle = builder.add({.process = 1, .thread = 1}, 0, 0.1, {0.1, 0});
    builder.update(handle, 0.2, {0.01, 0});
    EXPECT_NEAR(builder.activity(0.2).total.cpu_s, 0.1, 1e-9);
}

TEST(Activity, in_equal_parts_has_all_of_it) {
    ActivityBuilder builder;
    simulate(builder, 1, 0, 0.5, {1, 0});
    simulate(builder, 2, 0.25, 1, {0, 0.5});
    for (const std::size_t number : {1U, 3U, 4U, 79U, 1000U}) {
        const std::vector<CpuLoad> loads = resampled(builder.activity(1.005), number);
        ASSERT_EQ(loads.size(), number);
        EXPECT_NEAR(sum_of(loads, &CpuLoad::cpu_s), 0.5, 1e-6) << number;
        EXPECT_NEAR(sum_of(loads, &CpuLoad::ready_s), 0.75 / 2, 1e-6) << number;
    }
    EXPECT_NEAR(resampled(builder.activity(1.005), 4)[0].cpu_s, 0.25, 0.01);
    EXPECT_NEAR(resampled(builder.activity(1.005), 4)[3].cpu_s, 0, 0.01);
}
