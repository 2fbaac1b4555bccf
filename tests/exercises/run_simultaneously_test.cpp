#include "exercises/run_simultaneously.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <set>

#include "exercises/busy.hpp"
#include "mpworkshop/sys/affinity.hpp"
#include "mpworkshop/sys/pipe_echo.hpp"
#include "support/invariants.hpp"

using mpworkshop::sys::CpuAffinityGuard;
using mpworkshop::sys::PipeEcho;
using mpworkshop::sys::usable_cpus;

TEST(RunSimultaneously, runs_each_number_once_all_at_the_same_time) {
    std::latch all(4); // would never open if one ended before another began
    std::atomic<unsigned> ran[4] = {};
    EXPECT_GE(exercises::run_simultaneously(4,
                                            [&](unsigned i) {
                                                ++ran[i];
                                                all.arrive_and_wait();
                                            }),
              0);
    for (const auto& times : ran) EXPECT_EQ(times, 1U);
}

TEST(Compute, depends_on_every_round_and_stays_a_plain_number) {
    EXPECT_EQ(exercises::compute(0), 0.5);
    EXPECT_NE(exercises::compute(1000), exercises::compute(1001));
    EXPECT_GT(exercises::compute(100'000), 0);
    EXPECT_LT(exercises::compute(100'000), 1);
    EXPECT_GE(exercises::rounds_for(0), 1U);
}

TEST(CpuAffinityGuard, keeps_this_thread_and_those_it_starts_on_chosen_cpus_while_it_lives) {
    const std::vector<unsigned> before = usable_cpus();
    ASSERT_FALSE(before.empty());
    {
        const CpuAffinityGuard only(std::vector{before.back()});
        EXPECT_EQ(usable_cpus(), std::vector{before.back()});
        exercises::run_simultaneously(
            1, [&](unsigned) { EXPECT_EQ(usable_cpus(), std::vector{before.back()}); });
    }
    EXPECT_EQ(usable_cpus(), before);
}

TEST(CpuAffinityGuard, says_when_there_is_no_such_cpu_and_changes_nothing) {
    const std::vector<unsigned> before = usable_cpus();
    EXPECT_THROW(CpuAffinityGuard(std::vector{100'000U}), std::system_error);
    EXPECT_EQ(usable_cpus(), before);
}

TEST(PipeEcho, sends_bytes_back_and_leaves_nothing_behind) {
    const std::set<int> before = support::open_descriptors();
    {
        PipeEcho echo;
        echo.round_trips(10);
        EXPECT_EQ(support::open_descriptors().size(), before.size() + 4);
    }
    EXPECT_EQ(support::open_descriptors(), before);
}
