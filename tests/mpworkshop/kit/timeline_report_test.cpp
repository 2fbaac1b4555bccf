#include "mpworkshop/kit/timeline_report.hpp"

#include <gtest/gtest.h>

using namespace mpworkshop::kit;
using mpworkshop::sys::CpusUsed;

namespace {

/// One task that ran at intervals between the first and the last of these times.
RunIntervals ran_at(const std::vector<double>& moments) {
    RunIntervals ran(0.0005);
    for (const double each : moments) ran.note(each);
    return ran;
}

Timeline interleaved() {
    return {1, {0.16, 0.16}, {ran_at({0, 0.08, 0.12}), ran_at({0.04, 0.1, 0.16})}};
}

Timeline on_two(double cpu_s) { return {2, {0.08, cpu_s}, {ran_at({0, 0.08}), ran_at({0, 0.08})}}; }

const CpusUsed a_busy_loop = {1.0, 2};

} // namespace

TEST(WhatTheTimelinesShow, is_concurrency_on_one_cpu_and_parallelism_on_two) {
    EXPECT_EQ(what_the_timelines_show({interleaved(), on_two(0.16)}, CpusUsed{0.01, 2}),
              "On one CPU the tasks were interleaved: concurrent, not parallel. On two they ran at "
              "the same moment: in parallel.");
    EXPECT_EQ(what_the_timelines_show({interleaved()}, std::nullopt),
              "On one CPU the tasks were interleaved: concurrent, not parallel.");
}

TEST(WhatTheTimelinesShow, is_no_parallelism_where_other_programs_had_the_cpus) {
    EXPECT_EQ(what_the_timelines_show({interleaved(), on_two(0.085)}, a_busy_loop),
              "On one CPU the tasks were interleaved: concurrent, not parallel. On two they hardly "
              "ran at the same moment: other programs used 1.0 of the 2 CPUs. End them, and run it "
              "again.");
    EXPECT_EQ(what_the_timelines_show({interleaved(), on_two(0.085)}, std::nullopt),
              "On one CPU the tasks were interleaved: concurrent, not parallel. On two they hardly "
              "ran at the same moment; run it again.");
}

TEST(WhatTheTimelinesShow, is_no_concurrency_where_a_task_began_after_the_other_had_ended) {
    const Timeline in_order = {1, {0.002, 0.002}, {ran_at({0, 0.001}), ran_at({0.001, 0.002})}};
    EXPECT_EQ(what_the_timelines_show({in_order}, std::nullopt),
              "On one CPU the tasks ran one after the other, too short to take turns: give more "
              "--seconds.");
}

TEST(WhatTheTimelinesShow, is_nothing_for_one_task) {
    EXPECT_EQ(what_the_timelines_show({{1, {0.1, 0.1}, {ran_at({0, 0.1})}}}, a_busy_loop),
              "One task alone has none to take turns with: give --tasks 2.");
}
