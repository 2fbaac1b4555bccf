#include "mpworkshop/practice/judgment.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "mpworkshop/practice/trial.hpp"
#include "support/command.hpp"

using namespace mpworkshop;
using practice::Aspect;
using practice::Verdict;
using support::has;

namespace {

/// What a thread of a process does: CPU seconds in each interval of 10 ms.
sys::ThreadActivity thread_of(pid_t process, std::vector<double> cpu_s) {
    sys::ThreadActivity thread = {
        .process = process, .thread = process, .last_s = 0.01 * double(cpu_s.size())};
    for (const double each : cpu_s) {
        thread.intervals.push_back({each, 0});
        thread.total += {each, 0};
    }
    return thread;
}

sys::Activity activity_of(const std::vector<sys::ThreadActivity>& threads) {
    sys::Activity activity = {.interval_s = 0.01, .ready_known = true};
    for (const sys::ThreadActivity& thread : threads) {
        activity.intervals.resize(std::max(activity.intervals.size(), thread.intervals.size()));
        for (std::size_t i = 0; i < thread.intervals.size(); ++i)
            activity.intervals[i] += thread.intervals[i];
        activity.total += thread.total;
        activity.wall_s = std::max(activity.wall_s, thread.last_s);
    }
    activity.threads = threads;
    activity.looks = 100;
    return activity;
}

std::vector<double> busy(std::size_t before, std::size_t during) {
    std::vector<double> cpu_s(before, 0.0);
    cpu_s.resize(before + during, 0.01);
    return cpu_s;
}

} // namespace

TEST(Judgment, two_processes_at_the_same_time_are_parallel) {
    const auto found =
        practice::parallelism(activity_of({thread_of(1, busy(0, 5)), thread_of(2, busy(5, 50)),
                                           thread_of(3, busy(5, 50))}),
                              {.usable_cpus = 2, .others = {}});
    EXPECT_EQ(found.verdict, Verdict::ok) << found.words;
    EXPECT_TRUE(
        has(found.words, "Several processes computed at the same time, for 495 ms of 550 ms."));
}

TEST(Judgment, a_short_time_in_parallel_counts_only_on_a_calm_machine) {
    const auto activity = activity_of({thread_of(1, busy(0, 50)), thread_of(2, busy(35, 15))});
    EXPECT_EQ(practice::parallelism(activity, {.usable_cpus = 2, .others = {}}).verdict,
              Verdict::not_yet);
    const auto found =
        practice::parallelism(activity, {.usable_cpus = 2, .others = sys::CpusUsed{1.5, 2}});
    EXPECT_EQ(found.verdict, Verdict::cannot_tell);
    EXPECT_TRUE(has(found.words, "only 150 ms of 500 ms, while other programs used 1.5 of 2 CPUs"))
        << found.words;
}

TEST(Judgment, most_of_the_work_in_parallel_is_enough_where_processes_take_long_to_start) {
    const auto activity = activity_of({thread_of(1, busy(0, 70)), thread_of(2, busy(0, 0)),
                                       thread_of(3, busy(50, 20)), thread_of(4, busy(50, 20))});
    const practice::Conditions calm = {.usable_cpus = 2, .others = {}};
    const auto unknown = practice::parallelism(activity, calm);
    EXPECT_EQ(unknown.verdict, Verdict::not_yet);
    EXPECT_TRUE(unknown.may_change);
    EXPECT_EQ(practice::parallelism(activity, calm, 1.3).verdict, Verdict::not_yet);
    EXPECT_EQ(practice::parallelism(activity, calm, 0.8).verdict, Verdict::ok);
}

TEST(Judgment, of_processes_that_were_hardly_looked_at_is_withheld) {
    auto activity = activity_of({thread_of(1, busy(0, 50)), thread_of(2, busy(50, 50))});
    activity.looks = 5;
    const auto found = practice::parallelism(activity, {.usable_cpus = 2, .others = {}});
    EXPECT_EQ(found.verdict, Verdict::cannot_tell);
    EXPECT_TRUE(has(found.words, "were looked at 5 times only")) << found.words;
    activity.looks = 6;
    EXPECT_EQ(practice::parallelism(activity, {.usable_cpus = 2, .others = {}}).verdict,
              Verdict::not_yet);
}

TEST(Judgment, processes_that_come_one_after_the_other_are_not) {
    const auto found =
        practice::parallelism(activity_of({thread_of(1, busy(0, 50)), thread_of(2, busy(50, 50))}),
                              {.usable_cpus = 2, .others = {}});
    EXPECT_EQ(found.verdict, Verdict::not_yet);
    EXPECT_EQ(found.words, "2 processes ran, but they computed one after the other.");
}

TEST(Judgment, processes_that_only_wait_are_not) {
    const auto found = practice::parallelism(
        activity_of({thread_of(1, busy(0, 50)), thread_of(2, std::vector<double>(50, 0.0)),
                     thread_of(3, std::vector<double>(50, 0.0))}),
        {.usable_cpus = 2, .others = {}});
    EXPECT_EQ(found.verdict, Verdict::not_yet);
    EXPECT_EQ(found.words, "One process did all the computing; 2 others only waited.");
}

TEST(Judgment, threads_that_take_turns_are_not) {
    auto one = thread_of(1, std::vector<double>(60, 0.005));
    auto two = thread_of(1, std::vector<double>(60, 0.005));
    const auto found =
        practice::parallelism(activity_of({one, two}), {.usable_cpus = 2, .others = {}});
    EXPECT_EQ(found.verdict, Verdict::not_yet);
    EXPECT_EQ(found.words, "2 threads computed, but they took turns.");
}

TEST(Judgment, threads_that_only_wanted_a_cpu_at_the_same_time_cannot_be_told) {
    auto one = thread_of(1, std::vector<double>(60, 0.004));
    for (auto& load : one.intervals) load.ready_s = 0.006;
    const auto found =
        practice::parallelism(activity_of({one, one}), {.usable_cpus = 2, .others = {}});
    EXPECT_EQ(found.verdict, Verdict::cannot_tell) << found.words;
}

TEST(Judgment, one_that_wants_a_cpu_and_computes_nothing_is_not_parallel) {
    auto idle = thread_of(2, std::vector<double>(50, 0.0));
    for (auto& load : idle.intervals) load.ready_s = 0.01;
    const auto found = practice::parallelism(activity_of({thread_of(1, busy(0, 60)), idle}),
                                             {.usable_cpus = 1, .others = {}});
    EXPECT_EQ(found.verdict, Verdict::not_yet);
    EXPECT_EQ(found.words, "One process did all the computing; the other one only waited.");
}

TEST(Judgment, on_one_cpu_waiting_for_it_counts) {
    auto one = thread_of(1, std::vector<double>(60, 0.005)),
         two = thread_of(2, std::vector<double>(60, 0.005));
    for (auto* each : {&one, &two})
        for (auto& load : each->intervals) load.ready_s = 0.005;
    auto activity = activity_of({one, two});
    EXPECT_EQ(practice::parallelism(activity, {.usable_cpus = 1, .others = {}}).verdict,
              Verdict::ok);
    activity = activity_of({thread_of(1, std::vector<double>(60, 0.005)),
                            thread_of(2, std::vector<double>(60, 0.005))});
    activity.ready_known = false;
    EXPECT_EQ(practice::parallelism(activity, {.usable_cpus = 1, .others = {}}).verdict,
              Verdict::cannot_tell);
}

TEST(Judgment, a_program_that_computes_far_less_than_the_start_leaves_out_work) {
    const auto activity = activity_of({thread_of(1, busy(90, 1))});
    const practice::Conditions calm = {.usable_cpus = 2, .others = {}};
    EXPECT_EQ(practice::parallelism(activity, calm).verdict, Verdict::cannot_tell);
    EXPECT_EQ(practice::parallelism(activity, calm, 0.1).verdict, Verdict::cannot_tell);
    const auto found = practice::parallelism(activity, calm, 0.8);
    EXPECT_EQ(found.verdict, Verdict::not_yet);
    EXPECT_EQ(found.words,
              "It computed for 10.0 ms only, and the start for 800 ms: it leaves out work.");
}

TEST(Judgment, waits_overlap_or_come_one_after_the_other) {
    auto activity = activity_of({thread_of(1, std::vector<double>(11, 0.0))});
    activity.wall_s = 0.82;
    EXPECT_EQ(practice::overlap(activity, 0.8, 8).words,
              "One wait came after the other: 8 waits, 800 ms one after the other, took 820 ms.");
    for (const double begin : {0.0, 0.3, 0.6}) {
        sys::ThreadActivity thread = {.process = 1, .first_s = begin, .last_s = begin + 0.2};
        activity.threads.push_back(thread);
    }
    EXPECT_TRUE(has(practice::overlap(activity, 0.8, 8).words, "but one after the other"));
    activity.looks = 10; // too few to tell which of these threads lived when
    EXPECT_EQ(practice::overlap(activity, 0.8, 8).verdict, Verdict::cannot_tell);
    activity.looks = 60;
    activity.wall_s = 0.79; // so some overlapped, though few threads were seen
    EXPECT_EQ(practice::overlap(activity, 0.8, 8).verdict, Verdict::cannot_tell);
    activity.wall_s = 0.82;
    auto crowd = activity;
    for (auto& thread : crowd.threads) thread.first_s = 0, thread.last_s = 0.2;
    crowd.wall_s = 0.7; // on a busy machine
    EXPECT_EQ(practice::overlap(crowd, 0.8, 8).verdict, Verdict::ok);
    activity.wall_s = 0.01;
    EXPECT_TRUE(has(practice::overlap(activity, 0.8, 8).words, "it does not wait"));
}

TEST(Judgment, waits_overlap_only_where_several_threads_are_seen) {
    auto alone = activity_of({thread_of(1, std::vector<double>(11, 0.0))});
    const auto found = practice::overlap(alone, 0.8, 8);
    EXPECT_EQ(found.verdict, Verdict::not_yet);
    EXPECT_TRUE(has(found.words, "but only one thread was seen: it leaves out waits"))
        << found.words;
    alone.looks = 1;
    EXPECT_EQ(practice::overlap(alone, 0.8, 8).verdict, Verdict::cannot_tell);
    const auto crowd = activity_of(std::vector(9, thread_of(1, std::vector<double>(11, 0.0))));
    EXPECT_EQ(practice::overlap(crowd, 0.8, 8).verdict, Verdict::ok);
}

TEST(Judgment, of_waits_is_withheld_where_threads_got_no_cpu) {
    auto activity = activity_of({thread_of(1, std::vector<double>(90, 0.0))});
    EXPECT_EQ(practice::overlap(activity, 0.8, 8).verdict, Verdict::not_yet);
    activity.total.ready_s = 0.5;
    const auto found = practice::overlap(activity, 0.8, 8);
    EXPECT_EQ(found.verdict, Verdict::cannot_tell);
    EXPECT_TRUE(has(found.words, "waited 500 ms for a CPU")) << found.words;
}

TEST(Judgment, leaves_out_the_helpers_of_a_launcher) {
    std::vector<sys::ThreadActivity> threads = {thread_of(1, busy(10, 90)),
                                                thread_of(1, busy(10, 90))};
    threads[1].thread = 2;
    for (const pid_t helper : {3, 4, 5}) threads.push_back(thread_of(helper, busy(2, 1)));
    const practice::Conditions calm = {.usable_cpus = 2, .others = {}};
    const auto found = practice::parallelism(activity_of(threads), calm);
    EXPECT_EQ(found.verdict, Verdict::ok);
    EXPECT_TRUE(has(found.words, "Several threads computed")) << found.words;
    EXPECT_EQ(practice::lanes_of(activity_of(threads), "yours").size(), 2U);
    threads.erase(threads.begin() + 1);
    EXPECT_EQ(practice::parallelism(activity_of(threads), calm).words,
              "One process did all the computing, and nothing computed beside it.");
}

TEST(Judgment, says_which_way_a_program_was_ended) {
    sys::ContainedEnd end = {.cut_short = sys::CutShort::by_deadline};
    EXPECT_TRUE(has(practice::bad_end(end, 10), "ended by its process tree, as no cgroup can be"));
    end.by_cgroup = true;
    EXPECT_TRUE(has(practice::bad_end(end, 10), "ended by a cgroup, which held all"));
}

TEST(Judgment, of_speed_names_both_times_and_what_others_took) {
    const practice::Times good = {{1.0, 1.0, 1.0, 1.0, 1.0, 1.0}, {0.5, 0.5, 0.5, 0.5, 0.5, 0.5}};
    const practice::Times bad = {good.now, good.before};
    const practice::Times equal = {good.now, good.now};
    const practice::Conditions calm = {.usable_cpus = 2, .others = {}};
    const practice::Conditions crowded = {.usable_cpus = 2, .others = sys::CpusUsed{1.5, 2}};
    EXPECT_EQ(practice::speed(Aspect::faster, good, calm).words,
              "2 times as fast as the start (2 to 2): 500 ms against 1.00 s.");
    EXPECT_EQ(practice::speed(Aspect::faster, bad, calm).words,
              "Slower than the start: 1.00 s against 500 ms.");
    EXPECT_EQ(practice::speed(Aspect::faster, equal, calm).verdict, Verdict::not_yet);
    const auto doubtful = practice::speed(Aspect::faster, equal, crowded);
    EXPECT_EQ(doubtful.verdict, Verdict::cannot_tell);
    EXPECT_TRUE(has(doubtful.words, "while other programs used 1.5 of 2 CPUs"));
    EXPECT_EQ(practice::speed(Aspect::faster, bad, {.usable_cpus = 1, .others = {}}).verdict,
              Verdict::cannot_tell);
    EXPECT_EQ(practice::speed(Aspect::not_slower, equal, calm).verdict, Verdict::ok);
    EXPECT_EQ(practice::speed(Aspect::not_slower, equal, {.usable_cpus = 1, .others = {}}).verdict,
              Verdict::cannot_tell);
    EXPECT_EQ(practice::speed(Aspect::not_slower, bad, calm).verdict, Verdict::not_yet);
}

TEST(Judgment, of_speed_takes_no_chance_difference_for_a_gain) {
    const practice::Conditions calm = {.usable_cpus = 2, .others = {}};
    const std::vector<double> before = {1.0, 1.0, 1.0, 1.0, 1.0, 1.0};
    const auto hardly =
        practice::speed(Aspect::faster, {before, {0.99, 0.92, 0.90, 0.91, 0.92, 0.70}}, calm);
    EXPECT_EQ(hardly.verdict, Verdict::not_yet);
    EXPECT_EQ(hardly.words, "Hardly faster than the start: 915 ms against 1.00 s, 1.1 times as "
                            "fast (1 to 1.4).");
    const auto scattered =
        practice::speed(Aspect::faster, {before, {1.3, 0.8, 0.9, 0.7, 0.9, 1.1}}, calm);
    EXPECT_EQ(scattered.verdict, Verdict::cannot_tell);
    EXPECT_TRUE(has(scattered.words, "differ too much from run to run: 900 ms against 1.00 s, 1.1 "
                                     "times as fast (0.77 to 1.4)."))
        << scattered.words;
    const auto near =
        practice::speed(Aspect::not_slower, {before, {1.4, 1.3, 0.9, 1.2, 1.4, 1.3}}, calm);
    EXPECT_EQ(near.verdict, Verdict::cannot_tell) << near.words;
}

TEST(Judgment, draws_a_row_for_each_that_computed_or_waited) {
    const auto lanes = practice::lanes_of(
        activity_of({thread_of(1, busy(3, 5)), thread_of(2, busy(0, 4))}), "yours");
    ASSERT_EQ(lanes.size(), 2U);
    EXPECT_EQ(lanes[0].name, "yours 1");
    ASSERT_EQ(lanes[0].bars.size(), 2U);
    EXPECT_EQ(lanes[0].bars[0].kind, BarKind::wait);
    EXPECT_EQ(lanes[0].bars[1].kind, BarKind::work);
    EXPECT_DOUBLE_EQ(lanes[0].bars[1].end_s, 0.08);
}
