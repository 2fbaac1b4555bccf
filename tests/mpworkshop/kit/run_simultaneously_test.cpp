#include "mpworkshop/kit/run_simultaneously.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <latch>
#include <set>

#include "mpworkshop/kit/lost_update.hpp"
#include "mpworkshop/kit/rounds_for.hpp"
#include "mpworkshop/sys/affinity.hpp"
#include "mpworkshop/sys/pipe_echo.hpp"
#include "support/invariants.hpp"

using mpworkshop::sys::CpuAffinityGuard;
using mpworkshop::sys::PipeEcho;
using mpworkshop::sys::usable_cpus;

TEST(RunSimultaneously, runs_each_number_once_all_at_the_same_time) {
    std::latch all(4); // would never open if one ended before another began
    std::atomic<unsigned> ran[4] = {};
    EXPECT_GE(mpworkshop::kit::run_simultaneously(4,
                                                  [&](unsigned i) {
                                                      ++ran[i];
                                                      all.arrive_and_wait();
                                                  }),
              0);
    for (const auto& times : ran) EXPECT_EQ(times, 1U);
}

TEST(RoundsFor, is_one_at_least_and_grows_with_the_time) {
    const auto work = [](long rounds) {
        double sum = 0;
        for (long i = 1; i <= rounds; ++i) sum += 1 / double(i);
        return sum;
    };
    EXPECT_EQ(mpworkshop::kit::rounds_for(0, work), 1);
    EXPECT_GT(mpworkshop::kit::rounds_for(1, work), 1);
}

TEST(LostUpdate, has_both_threads_load_before_either_stores) {
    const mpworkshop::kit::LostUpdate found = mpworkshop::kit::lost_update();
    EXPECT_EQ(found.counted, 2U);
    for (const unsigned i : {0U, 1U}) {
        EXPECT_EQ(found.steps[i].thread, i + 1);
        EXPECT_STREQ(found.steps[i].what, "load");
        EXPECT_EQ(found.steps[i].value, 1U);
        EXPECT_STREQ(found.steps[2 + i].what, "store");
        EXPECT_EQ(found.steps[2 + i].value, 2U);
    }
}

TEST(CpuAffinityGuard, keeps_this_thread_and_those_it_starts_on_chosen_cpus_while_it_lives) {
    const std::vector<unsigned> before = usable_cpus();
    ASSERT_FALSE(before.empty());
    {
        const CpuAffinityGuard only(std::vector{before.back()});
        EXPECT_EQ(usable_cpus(), std::vector{before.back()});
        mpworkshop::kit::run_simultaneously(
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
