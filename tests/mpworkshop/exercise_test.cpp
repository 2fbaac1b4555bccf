#include "mpworkshop/kit/exercise.hpp"

#include <gtest/gtest.h>

#include "mpworkshop/kit/timed_pool.hpp"
#include "support/subprocess.hpp"

using namespace mpworkshop;

TEST(Run, returns_what_the_timed_work_returns) {
    mpworkshop::Run run({});
    EXPECT_EQ(run.timed("work", [] { return 7; }), 7);
    EXPECT_EQ(run.outcome.timings.at(0).name, "work");
}

TEST(Run, keeps_the_timing_of_work_that_throws) {
    mpworkshop::Run run({});
    EXPECT_THROW(run.timed("work", []() -> int { throw std::runtime_error("no"); }),
                 std::runtime_error);
    EXPECT_GT(run.timing("work").wall_s, 0);
}

TEST(Run, knows_no_timing_that_was_not_made) {
    EXPECT_EQ(mpworkshop::Run({}).timing("work").wall_s, 0);
}

TEST(Run, says_long_words_in_lines_of_79_columns_and_keeps_short_ones_as_they_are) {
    const std::string out = support::output_of([] {
        mpworkshop::Run({}).say("a  b\n\n" + std::string(50, 'c') + " " + std::string(50, 'd'));
        mpworkshop::Run({.quiet = true}).say("not this");
    });
    EXPECT_EQ(out, "a  b\n\n" + std::string(50, 'c') + "\n" + std::string(50, 'd') + "\n");
}

TEST(Run, counts_the_cpu_time_of_workers_to_the_work_that_they_did) {
    mpworkshop::Run run({});
    TimedPool pool(run, {.processes = 1});
    pool.work([](mp::Pool& workers) {
        return workers.map(
            [](int) {
                const auto begin = clock();
                while (clock() - begin < CLOCKS_PER_SEC / 5) {
                }
                return 0;
            },
            std::vector{1});
    });
    pool.collect();
    EXPECT_GE(run.timing("work").cpu_s, 0.19);
    EXPECT_LT(run.timing("collect").cpu_s, 0.19);
}

TEST(TimedPool, times_start_work_and_collection_and_keeps_what_each_worker_did) {
    mpworkshop::Run run({});
    TimedPool pool(run, {.processes = 2});
    const auto doubled = pool.work([](mp::Pool& workers) {
        return workers.map([](int i) { return 2 * i; }, std::vector{1, 2, 3});
    });
    EXPECT_EQ(doubled, (std::vector{2, 4, 6}));
    EXPECT_EQ(pool.collect([] { return 5; }), 5);
    ASSERT_EQ(run.outcome.timings.size(), 3U);
    EXPECT_EQ(run.outcome.timings[0].name, "start");
    EXPECT_EQ(run.outcome.timings[1].name, "work");
    EXPECT_EQ(run.outcome.timings[2].name, "collect");
    ASSERT_EQ(run.outcome.workers.size(), 2U);
    EXPECT_EQ(run.outcome.workers[0].items + run.outcome.workers[1].items, 3U);
}
