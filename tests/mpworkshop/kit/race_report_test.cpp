#include "mpworkshop/kit/race_report.hpp"

#include <gtest/gtest.h>

#include "support/command.hpp"

using namespace mpworkshop::kit;
using mpworkshop::sys::CpusUsed;
using support::has;

namespace {

CacheLines lines_of(std::vector<double> adjacent_s, std::vector<double> padded_s) {
    return {
        .updates = 2'000'000, .adjacent_s = std::move(adjacent_s), .padded_s = std::move(padded_s)};
}

const CacheLines idle_cpus =
    lines_of({0.03, 0.031, 0.03, 0.032, 0.03, 0.031}, {0.01, 0.01, 0.01, 0.01, 0.01, 0.01});
const CacheLines busy_cpus =
    lines_of({0.03, 0.01, 0.05, 0.01, 0.03, 0.02}, {0.01, 0.02, 0.01, 0.02, 0.03, 0.01});

} // namespace

TEST(CacheLine, costs_what_every_pair_shows) {
    EXPECT_EQ(what_a_cache_line_costs(idle_cpus),
              "Side by side the counters are on one cache line, which the cores take from each "
              "other: 3.0 times as slow (95 % interval: 3.0 to 3.2), for the same instructions. "
              "That is called false sharing.");
}

TEST(CacheLine, has_no_price_where_the_pairs_disagree) {
    CacheLines busy = busy_cpus;
    busy.others = CpusUsed{1.0, 2};
    EXPECT_EQ(what_a_cache_line_costs(busy),
              "Whether counters side by side are slower is unclear: other programs used 1.0 of the "
              "2 CPUs; end them, and run it again.");
    busy.others = std::nullopt;
    EXPECT_EQ(what_a_cache_line_costs(busy), "Whether counters side by side are slower is unclear: "
                                             "the times vary too much; run it again.");
}

TEST(CacheLine, is_not_spoken_of_where_it_costs_nothing_or_cannot_be_shared) {
    EXPECT_EQ(what_a_cache_line_costs(lines_of(std::vector(6, 0.011), std::vector(6, 0.01))), "");
    EXPECT_EQ(what_a_cache_line_costs(lines_of(std::vector(6, 0.01), std::vector(6, 0.02))), "");
    CacheLines one = idle_cpus;
    one.usable = 1;
    EXPECT_EQ(what_a_cache_line_costs(one), "");
    one = idle_cpus;
    one.threads = 1;
    EXPECT_EQ(what_a_cache_line_costs(one), "");
}

TEST(CacheLine, is_told_with_a_caution_wherever_other_programs_had_the_cpus) {
    const std::string caution = "All times are uncertain: other programs used 0.6 of the one CPU.";
    CacheLines busy = idle_cpus;
    busy.others = CpusUsed{0.6, 1};
    busy.usable = 1;
    EXPECT_EQ(what_a_cache_line_costs(busy), caution);
    busy.threads = 1;
    EXPECT_EQ(what_a_cache_line_costs(busy), caution);
    busy.others = CpusUsed{0.05, 1};
    EXPECT_EQ(what_a_cache_line_costs(busy), "");
    busy = idle_cpus;
    busy.others = CpusUsed{1.0, 2};
    EXPECT_TRUE(what_a_cache_line_costs(busy).ends_with(
        "That is called false sharing. All times are uncertain: other programs used 1.0 of the 2 "
        "CPUs."));
}

TEST(CacheLine, has_no_price_for_a_few_updates) {
    CacheLines few = idle_cpus;
    few.updates = 9'999;
    EXPECT_EQ(what_a_cache_line_costs(few),
              "Too few updates to say what one takes: give --updates 2e6.");
}

TEST(OneCpu, makes_threads_take_turns_but_a_quota_does_not) {
    EXPECT_TRUE(has(what_one_cpu_means(1, 1), "threads take turns"));
    EXPECT_TRUE(has(what_one_cpu_means(2, 1), "are stopped now and then"));
    EXPECT_FALSE(has(what_one_cpu_means(2, 1), "take turns"));
    EXPECT_EQ(what_one_cpu_means(2, 2), "");
}

TEST(WhatWasLost, is_what_was_counted) {
    EXPECT_EQ(what_was_lost({41.26, true}),
              "41.3 % of the updates were lost; every cure counted all of them.");
    EXPECT_EQ(what_was_lost({0, true}),
              "No loss was seen this time; a cure makes sure that there is none.");
    EXPECT_EQ(what_was_lost({0, false}), "A cure lost updates: please report that as a bug.");
}
