#include "mpworkshop/kit/chunk_report.hpp"

#include <gtest/gtest.h>

using namespace mpworkshop::kit;
using mpworkshop::sys::CpusUsed;

namespace {

ChunkContest contest_of(std::vector<double> fastest_s, std::vector<double> slowest_s) {
    return {.fastest = 1,
            .slowest = 32,
            .fastest_s = std::move(fastest_s),
            .slowest_s = std::move(slowest_s)};
}

const ChunkContest on_idle_cpus =
    contest_of({0.13, 0.131, 0.13, 0.132, 0.13, 0.131}, {0.25, 0.255, 0.26, 0.25, 0.252, 0.251});
const ChunkContest on_busy_cpus =
    contest_of({0.13, 0.31, 0.13, 0.26, 0.3, 0.21}, {0.25, 0.255, 0.36, 0.25, 0.252, 0.451});

} // namespace

TEST(WhatChunksGain, is_told_where_every_pair_agrees) {
    EXPECT_EQ(what_chunks_gain(on_idle_cpus),
              "With one long task, chunksize 1 was 1.9 times as fast as 32 (1.89 to 2.00).");
}

TEST(WhatChunksGain, is_withheld_where_the_pairs_disagree_or_are_too_few) {
    ChunkContest busy = on_busy_cpus;
    EXPECT_EQ(what_chunks_gain(busy),
              "Whether chunksize 1 is faster than 32 is unclear: times vary too much.");
    busy.others = CpusUsed{1.9, 2};
    EXPECT_EQ(what_chunks_gain(busy),
              "Whether chunksize 1 is faster than 32 is unclear: the machine is busy.");
    ChunkContest five = on_idle_cpus;
    five.fastest_s.pop_back();
    EXPECT_EQ(what_chunks_gain(five).find("With one long task"), std::string::npos);
}

TEST(WhatChunksGain, is_nothing_where_both_took_as_long) {
    EXPECT_EQ(what_chunks_gain(contest_of(std::vector(6, 0.2), std::vector(6, 0.201))),
              "With one long task, chunksizes 1 and 32 took as long.");
}

TEST(WhatChunksGain, is_not_measured_for_one_task_one_worker_or_one_cpu) {
    ChunkContest none = on_idle_cpus;
    none.usable = 1;
    EXPECT_EQ(what_chunks_gain(none),
              "With one CPU the workers take turns: balance cannot help here.");
    EXPECT_FALSE(none.makes_sense());
    none.workers = 1;
    EXPECT_EQ(what_chunks_gain(none),
              "One worker does everything itself, in chunks of whatever size.");
    none = on_idle_cpus;
    none.slowest = 1;
    EXPECT_EQ(what_chunks_gain(none), "One task cannot be divided.");
    EXPECT_FALSE(none.makes_sense());
    EXPECT_TRUE(on_idle_cpus.makes_sense());
}

TEST(WaitsForCpus, are_told_below_the_table_where_there_were_any) {
    EXPECT_EQ(
        waits_for_cpus({0.02, 0.49, 0.3}),
        "A worker that waits for a CPU is not idle: here workers waited for one up to 49 % of "
        "the time.");
    EXPECT_EQ(waits_for_cpus({0.02, 0.09}), "");
    EXPECT_EQ(waits_for_cpus({}), "");
}
