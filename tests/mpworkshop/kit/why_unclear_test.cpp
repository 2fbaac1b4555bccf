#include <gtest/gtest.h>

#include "mpworkshop/kit/other_programs.hpp"

using mpworkshop::kit::taken_by_others;
using mpworkshop::kit::why_unclear;
using mpworkshop::kit::why_unclear_briefly;
using mpworkshop::sys::CpusUsed;

TEST(TakenByOthers, is_told_where_it_is_more_than_a_tenth_of_the_cpus) {
    EXPECT_EQ(taken_by_others(CpusUsed{0.2, 2}), "");
    EXPECT_EQ(taken_by_others(CpusUsed{0.21, 2}), "other programs used 0.2 of the 2 CPUs");
    EXPECT_EQ(taken_by_others(CpusUsed{0.5, 1}), "other programs used 0.5 of the one CPU");
    EXPECT_EQ(taken_by_others(std::nullopt), "");
}

TEST(WhyUnclear, names_other_programs_only_where_they_took_cpus) {
    EXPECT_EQ(why_unclear(CpusUsed{1.1, 2}),
              "other programs used 1.1 of the 2 CPUs; end them, and run it again.");
    EXPECT_EQ(why_unclear_briefly(CpusUsed{1.1, 2}), "the machine is busy.");
    for (const std::optional<CpusUsed>& others : {std::optional(CpusUsed{0.1, 2}), {}}) {
        EXPECT_EQ(why_unclear(others), "the times vary too much; run it again.");
        EXPECT_EQ(why_unclear_briefly(others), "times vary too much.");
    }
}
