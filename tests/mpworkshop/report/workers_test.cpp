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
    stats.cpu_seconds = busy / 2;
    stats.ready_seconds = busy / 4;
    stats.longest[0] = {busy, 3, 2};
    return stats;
}

} // namespace

TEST(Workers, are_a_table_with_the_longest_chunks_and_a_diagnosis) {
    Outcome outcome;
    outcome.workers = {worker(0, 4), worker(1, 1)};
    EXPECT_EQ(report::workers(outcome, 2, 79),
              "\nworker process       items starting computing    ready  blocked  waiting   busy\n"
              "     0     100           5  10.0 ms    2.00 s   1.00 s   1.00 s   1.00 s   40 %\n"
              "     1     100           5  10.0 ms    500 ms   250 ms   250 ms   1.00 s   25 %\n"
              "ready: waiting for a CPU; blocked: waiting within a task; waiting: for work\n"
              "Longest chunks: 4.00 s (items 3 to 4), 1.00 s (items 3 to 4).\n"
              "Diagnosis: the workers were ready to compute for 1.25 s more, 18 % of the time,\n"
              "but got no CPU: other programs had them, or a limit such as a cgroup quota\n"
              "applies.\n");
    EXPECT_EQ(report::workers(Outcome(), 2, 79), "");
}

TEST(Workers, are_described_in_words_on_a_narrow_screen) {
    Outcome outcome;
    outcome.workers = {worker(0, 4)};
    const std::string words = report::workers(outcome, 1, 39);
    EXPECT_TRUE(has(words,
                    "\nWorker 0, process 100: 5 items,\nstarting 10.0 ms, computing 2.00 s,\n"
                    "ready 1.00 s, blocked 1.00 s, waiting\n1.00 s, busy 40 %.\n"))
        << words;
    for (const std::string& line : support::lines_of(words)) EXPECT_LE(line.size(), 39U) << line;
    outcome.workers[0].ready_seconds.reset();
    EXPECT_TRUE(has(report::workers(outcome, 1, 39), "in tasks 4.00 s,\nwaiting 1.00 s.\n"));
}

TEST(Workers, are_a_table_of_time_in_tasks_where_the_kernel_does_not_tell_of_cpu_time) {
    Outcome outcome;
    outcome.workers = {worker(0, 3), worker(1, 1)};
    outcome.workers[1].ready_seconds.reset();
    EXPECT_EQ(report::workers(outcome, 2, 79),
              "\nworker process       items starting  in tasks  waiting\n     0     100           "
              "5  10.0 ms    3.00 s   1.00 s\n     1     100           5  10.0 ms    1.00 s   1.00 "
              "s\nLongest chunks: 3.00 s (items 3 to 4), 1.00 s (items 3 to 4).\nDiagnosis: "
              "unbalanced: one worker worked 3.00 s, the mean is 2.00 s, the\nlongest chunk took "
              "3.00 s; a smaller --chunksize balances better.\n");
}

TEST(Workers, are_summed_up_on_stderr_with_v_and_not_without) {
    const auto told = support::run({"map", "-p", "2", "-v"});
    EXPECT_TRUE(has(told.err, "\nDiagnosis: "));
    EXPECT_TRUE(has(told.err, "(item"));
    EXPECT_FALSE(has(told.out, "Diagnosis"));
    EXPECT_EQ(support::run({"map", "-p", "2"}).err, "");
}
