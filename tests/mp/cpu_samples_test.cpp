#include "mp/scheduler/cpu_samples.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "mp/scheduler/cpu_sampler.hpp"

namespace {

using namespace mp::detail;

constexpr std::int64_t ms = 1'000'000;

mp::Span span_of(double begin_s, double end_s) {
    mp::Span span;
    span.begin_seconds = begin_s;
    span.end_seconds = end_s;
    return span;
}

CpuInterval interval(double begin_s, double end_s, double cpu_s, double ready_s) {
    return {begin_s, end_s, cpu_s, ready_s};
}

TEST(CpuSamples, become_intervals_in_seconds_since_the_pool_was_made) {
    const auto intervals =
        intervals_between({{5 * ms, 1 * ms, 0}, {9 * ms, 4 * ms, 1 * ms}}, 3 * ms);
    ASSERT_EQ(intervals.size(), 1U);
    EXPECT_DOUBLE_EQ(intervals[0].begin_seconds, 0.002);
    EXPECT_DOUBLE_EQ(intervals[0].end_seconds, 0.006);
    EXPECT_DOUBLE_EQ(intervals[0].cpu_seconds, 0.003);
    EXPECT_DOUBLE_EQ(*intervals[0].ready_seconds, 0.001);
    EXPECT_TRUE(intervals_between({{5 * ms, 1 * ms, 0}}, 0).empty());
}

TEST(CpuSamples, show_a_wait_where_it_was_not_where_it_was_counted) {
    // Computed for 4 ms, waited for 6, computed for 2; the wait is counted at its end.
    const auto intervals = intervals_between(
        {{0, 0, 0}, {4 * ms, 4 * ms, 0}, {8 * ms, 4 * ms, 0}, {12 * ms, 6 * ms, 6 * ms}}, 0);
    ASSERT_EQ(intervals.size(), 3U);
    EXPECT_NEAR(*intervals[0].ready_seconds, 0, 1e-12);
    EXPECT_NEAR(*intervals[1].ready_seconds, 0.004, 1e-12);
    EXPECT_NEAR(*intervals[2].ready_seconds, 0.002, 1e-12);
}

TEST(CpuSamples, without_waits_tell_of_none) {
    const auto intervals = intervals_between({{0, 0, std::nullopt}, {4 * ms, 4 * ms, 1}}, 0);
    EXPECT_FALSE(intervals[0].ready_seconds.has_value());
    std::vector spans = {span_of(0, 0.004)};
    divide_among(spans, intervals);
    EXPECT_NEAR(*spans[0].cpu_seconds, 0.004, 1e-12);
    EXPECT_FALSE(spans[0].ready_seconds.has_value());
    EXPECT_TRUE(spans[0].ready.empty());
}

TEST(CpuSamples, are_divided_among_the_spans_by_their_length) {
    std::vector spans = {span_of(0.1, 0.2), span_of(0.3, 0.6)};
    divide_among(spans, {interval(0, 1, 0.2, 0.1)});
    EXPECT_NEAR(*spans[0].cpu_seconds, 0.05, 1e-12);
    EXPECT_NEAR(*spans[1].cpu_seconds, 0.15, 1e-12);
    EXPECT_NEAR(*spans[0].ready_seconds, 0.025, 1e-12);
    EXPECT_NEAR(*spans[1].ready_seconds, 0.075, 1e-12);
}

TEST(CpuSamples, give_a_span_no_more_than_its_length) {
    std::vector spans = {span_of(0.5, 0.6)};
    divide_among(spans, {interval(0, 1, 0.9, 0.05)});
    EXPECT_NEAR(*spans[0].cpu_seconds, 0.1, 1e-12);
    EXPECT_NEAR(*spans[0].ready_seconds, 0, 1e-12);
}

TEST(CpuSamples, give_a_span_of_several_threads_more_than_its_length) {
    std::vector spans = {span_of(0.5, 0.6)};
    divide_among(spans, {interval(0.4, 0.6, 0.4, 0.05)});
    EXPECT_NEAR(*spans[0].cpu_seconds, 0.3, 1e-12);
    EXPECT_NEAR(*spans[0].ready_seconds, 0, 1e-12);
}

TEST(CpuSamples, say_nothing_of_a_span_that_they_do_not_cover) {
    std::vector spans = {span_of(0, 0.5), span_of(1, 2), span_of(2.5, 3.5)};
    divide_among(spans, {interval(0.25, 3, 1, 0)});
    EXPECT_FALSE(spans[0].cpu_seconds.has_value());
    EXPECT_TRUE(spans[1].cpu_seconds.has_value());
    EXPECT_FALSE(spans[2].cpu_seconds.has_value());
}

TEST(CpuSamples, show_a_worker_that_takes_turns_with_another) {
    // It computes for 4 ms, waits for 4 ms, and so on; sampled every 2 ms, one after each turn.
    std::vector<CpuSample> samples;
    std::int64_t cpu = 0, ready = 0;
    for (std::int64_t at = 1; at <= 17; at += 2) {
        samples.push_back({at * ms, cpu, ready});
        const std::int64_t turn = at / 4, within = at % 4; // 1 or 3
        if (turn % 2 == 0) cpu += within == 1 ? 2 * ms : 1 * ms;
        if (turn % 2 == 1 && within == 3) cpu += 1 * ms, ready += 4 * ms;
    }
    std::vector spans = {span_of(0.001, 0.017)};
    divide_among(spans, intervals_between(samples, 0));
    ASSERT_EQ(spans[0].ready.size(), 2U);
    EXPECT_NEAR(spans[0].ready[0].begin_seconds, 0.004, 1e-9);
    EXPECT_NEAR(spans[0].ready[0].end_seconds, 0.008, 1e-9);
    EXPECT_NEAR(spans[0].ready[1].begin_seconds, 0.012, 1e-9);
    EXPECT_NEAR(spans[0].ready[1].end_seconds, 0.016, 1e-9);
    EXPECT_NEAR(*spans[0].ready_seconds, 0.008, 1e-9);
    EXPECT_NEAR(*spans[0].cpu_seconds, 0.008, 1e-9);
}

TEST(CpuSampler, samples_each_worker_until_it_ends) {
    std::atomic<int> asked = 0;
    CpuSampler sampler(2, [&](unsigned worker) -> std::optional<mp::os::CpuTimes> {
        ++asked;
        asked.notify_all();
        if (worker == 1) return std::nullopt;
        return mp::os::CpuTimes{asked, std::nullopt};
    });
    for (int now = asked; now < 10; now = asked) asked.wait(now);
    const auto samples = sampler.read(0);
    EXPECT_GE(samples.size(), 5U);
    for (std::size_t i = 1; i < samples.size(); ++i) {
        EXPECT_LT(samples[i - 1].at_ns, samples[i].at_ns);
        EXPECT_LT(samples[i - 1].cpu_ns, samples[i].cpu_ns);
    }
    EXPECT_TRUE(sampler.read(1).empty());
}

} // namespace
