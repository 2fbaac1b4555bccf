#include "mpworkshop/report/workers.hpp"

#include <gtest/gtest.h>

#include "support/command.hpp"

using namespace mpworkshop;
using support::has;

namespace {

mp::WorkerStats worker(unsigned index, double busy, double started = 0.01) {
    mp::WorkerStats stats;
    stats.index = index;
    stats.pid = 100;
    stats.items = 5;
    stats.busy_seconds = busy;
    stats.start_seconds = started;
    stats.wait_seconds = 1;
    stats.longest[0] = {busy, 3, 2};
    return stats;
}

} // namespace

TEST(Diagnosis, names_what_keeps_the_workers_from_being_faster) {
    EXPECT_TRUE(report::diagnosis({worker(0, 1), worker(1, 1.1)}, 2).starts_with("nothing"));
    EXPECT_TRUE(report::diagnosis({worker(0, 1), worker(1, 3)}, 2).starts_with("unbalanced"));
    EXPECT_TRUE(report::diagnosis({worker(0, 1), worker(1, 1)}, 1).starts_with("oversubscribed"));
    EXPECT_TRUE(report::diagnosis({worker(0, 0.001), worker(1, 0)}, 2).starts_with("too little"));
}

TEST(Workers, are_a_table_with_the_longest_chunks_and_a_diagnosis) {
    Outcome outcome;
    outcome.workers = {worker(0, 3), worker(1, 1)};
    EXPECT_EQ(report::workers(outcome, 2),
              "\nworker  process       items  starting   working   waiting   busy\n"
              "     0      100           5   10.0 ms    3.00 s    1.00 s   75 %\n"
              "     1      100           5   10.0 ms    1.00 s    1.00 s   50 %\n"
              "Longest chunks: 3.00 s (items 3 to 4), 1.00 s (items 3 to 4).\n"
              "Diagnosis: unbalanced chunks: one worker worked 3.00 s, the mean is 2.00 s, the\n"
              "longest chunk took 3.00 s; a smaller --chunksize shares better.\n");
    EXPECT_EQ(report::workers(Outcome(), 2), "");
}

TEST(Workers, are_summed_up_on_stderr_with_v_and_not_without) {
    const auto told = support::run({"map", "-p", "2", "-v"});
    EXPECT_TRUE(has(told.err, "\nDiagnosis: "));
    EXPECT_TRUE(has(told.err, "(item"));
    EXPECT_FALSE(has(told.out, "Diagnosis"));
    EXPECT_EQ(support::run({"map", "-p", "2"}).err, "");
}
