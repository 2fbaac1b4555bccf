#include "mpworkshop/kit/spans.hpp"

#include <gtest/gtest.h>
#include <mp/mp.hpp>

#include "mpworkshop/kit/elapsed.hpp"

using namespace mpworkshop::kit;
using mpworkshop::BarKind;
using mpworkshop::GanttBar;

namespace {

void expect_bars(const std::vector<GanttBar>& bars, const std::vector<GanttBar>& expected) {
    ASSERT_EQ(bars.size(), expected.size());
    for (std::size_t i = 0; i < bars.size(); ++i) {
        EXPECT_DOUBLE_EQ(bars[i].begin_s, expected[i].begin_s) << i;
        EXPECT_DOUBLE_EQ(bars[i].end_s, expected[i].end_s) << i;
        EXPECT_EQ(bars[i].kind, expected[i].kind) << i;
    }
}

mp::Span span(unsigned worker, double begin_s, double end_s,
              std::vector<mp::TimeRange> ready = {}) {
    mp::Span made;
    made.worker = worker;
    made.begin_seconds = begin_s;
    made.end_seconds = end_s;
    made.items = 1;
    made.ready = std::move(ready);
    made.ready_seconds = 0;
    for (const mp::TimeRange& each : made.ready)
        *made.ready_seconds += each.end_seconds - each.begin_seconds;
    return made;
}

// Worker 1 has the first and the last chunk, worker 0 the second.
const std::vector<mp::Span> three = {span(1, 0, 2), span(0, 0.5, 2.5), span(1, 2.25, 5)};

} // namespace

TEST(Lanes, have_a_bar_for_each_chunk_and_the_waits_between_and_after) {
    const auto lanes = lanes_of(three, 2);
    ASSERT_EQ(lanes.size(), 2U);
    EXPECT_EQ(lanes[0].name, "worker 0");
    expect_bars(lanes[0].bars, {{0.5, 2.5}, {2.5, 5, BarKind::wait}});
    expect_bars(lanes[1].bars, {{0, 2}, {2, 2.25, BarKind::wait}, {2.25, 5}});
}

TEST(Lanes, show_workers_that_take_turns_on_one_cpu_as_waiting_for_it) {
    const auto lanes = lanes_of({span(0, 0, 4, {{1, 2}, {3, 4}}), span(1, 0, 4, {{0, 1}})}, 2);
    expect_bars(lanes[0].bars, {{0, 4}, {1, 2, BarKind::ready}, {3, 4, BarKind::ready}});
    expect_bars(lanes[1].bars, {{0, 4}, {0, 1, BarKind::ready}});
}

TEST(Lanes, show_a_worker_without_a_chunk_as_waiting) {
    const auto lanes = lanes_of({span(1, 1, 3)}, 3);
    ASSERT_EQ(lanes.size(), 3U);
    expect_bars(lanes[0].bars, {{1, 3, BarKind::wait}});
    expect_bars(lanes[1].bars, {{1, 3}});
    expect_bars(lanes[2].bars, {{1, 3, BarKind::wait}});
    EXPECT_TRUE(lanes_of(std::vector<mp::Span>(), 1).front().bars.empty());
}

TEST(Lanes, are_sorted_whatever_the_order_in_which_chunks_were_done) {
    const auto lanes = lanes_of({span(0, 4, 5), span(0, 1, 2)}, 1);
    expect_bars(lanes[0].bars, {{1, 2}, {2, 4, BarKind::wait}, {4, 5}});
}

TEST(Lanes, of_several_threads_begin_at_zero) {
    RunIntervals first(0.5), second(0.5);
    for (const double now : {7.5, 8.0}) first.note(now);
    for (const double now : {7.0, 7.25, 9.0}) second.note(now);
    const auto lanes = lanes_of({first, second}, "task ");
    EXPECT_EQ(lanes[1].name, "task 2");
    expect_bars(lanes[0].bars, {{0.5, 1}});
    expect_bars(lanes[1].bars, {{0, 0.25}, {2, 2}});
}

TEST(LastJob, is_what_the_workers_did_for_the_last_map_of_a_pool) {
    mp::Pool pool({.processes = 1, .backend = "serial", .trace = true});
    pool.map([](int i) { return i; }, std::vector{1, 2, 3}, 1);
    pool.map([](int i) { return i; }, std::vector{1, 2}, 1);
    EXPECT_EQ(last_job(pool.trace()).size(), 2U);
    EXPECT_TRUE(last_job({}).empty());
}

TEST(LostShares, are_what_the_workers_did_not_work) {
    const auto idle = [](const std::vector<mp::Span>& spans, unsigned workers, double wall_s) {
        return lost_shares(spans, workers, wall_s).idle;
    };
    EXPECT_DOUBLE_EQ(idle({span(0, 0, 3), span(1, 0, 1)}, 2, 4), 0.5);
    EXPECT_DOUBLE_EQ(idle({}, 2, 4), 1);
    EXPECT_DOUBLE_EQ(idle({span(0, 0, 9)}, 1, 4), 0); // rounded clocks do not make it negative
    EXPECT_DOUBLE_EQ(idle({}, 0, 0), 0);
}

TEST(LostShares, tell_waiting_for_a_cpu_from_work_and_from_idleness) {
    const LostShares lost =
        lost_shares({span(0, 0, 4, {{1, 2}, {3, 4}}), span(1, 0, 2, {{0, 1}})}, 2, 4);
    EXPECT_DOUBLE_EQ(lost.idle, 0.25);
    EXPECT_DOUBLE_EQ(lost.ready, 0.375);
}

TEST(RunIntervals, takes_a_jump_of_the_clock_for_the_turn_of_another) {
    RunIntervals ran(0.5);
    for (const double now : {1.0, 1.4, 1.9, 5.0, 5.5, 7.0}) ran.note(now);
    expect_bars(ran.bars(), {{1, 1.9}, {5, 5.5}, {7, 7}});
    EXPECT_TRUE(RunIntervals(1).bars().empty());
}

TEST(Median, is_the_middle_or_the_mean_of_the_two_in_the_middle) {
    EXPECT_EQ(median({3, 1, 2}), 2);
    EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
    EXPECT_EQ(median({7}), 7);
    EXPECT_EQ(median({}), 0);
}

TEST(Elapsed, is_an_interrupt_when_there_was_one) {
    EXPECT_GE(elapsed([] {}).wall_s, 0);
    EXPECT_THROW(elapsed([] { mp::interrupt(); }), mp::Interrupted);
    mp::clear_interrupt();
    EXPECT_EQ((Elapsed{.wall_s = 2, .cpu_s = 3}.cpus_busy()), 1.5);
    EXPECT_EQ((Elapsed{.wall_s = 0, .cpu_s = 3}.cpus_busy()), 0);
}
