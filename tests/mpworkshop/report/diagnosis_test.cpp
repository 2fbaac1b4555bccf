#include "mpworkshop/report/diagnosis.hpp"

#include <gtest/gtest.h>

#include "support/command.hpp"

using namespace mpworkshop;
using support::has;

namespace {

/// A worker that computed for this long and did nothing else.
mp::WorkerStats computed(double seconds) {
    mp::WorkerStats stats;
    stats.items = 10;
    stats.start_seconds = 0.01;
    stats.busy_seconds = seconds;
    stats.cpu_seconds = seconds;
    stats.ready_seconds = 0;
    stats.longest[0] = {seconds / 2, 0, 5};
    return stats;
}

mp::WorkerStats had_no_cpu_for(double seconds, mp::WorkerStats stats = computed(1)) {
    stats.busy_seconds += seconds;
    stats.ready_seconds = seconds;
    return stats;
}

mp::WorkerStats in_io_for(double seconds, mp::WorkerStats stats = computed(1)) {
    stats.busy_seconds += seconds;
    return stats;
}

mp::WorkerStats without_work_for(double seconds, mp::WorkerStats stats = computed(1)) {
    stats.wait_seconds += seconds;
    return stats;
}

mp::WorkerStats of_unknown_cpu_time(mp::WorkerStats stats) {
    stats.cpu_seconds.reset();
    stats.ready_seconds.reset();
    return stats;
}

Outcome outcome_of(const std::vector<mp::WorkerStats>& workers,
                   std::optional<sys::CpusUsed> others = {}) {
    Outcome outcome;
    outcome.workers = workers;
    outcome.others = others;
    return outcome;
}

std::string told(const std::vector<mp::WorkerStats>& workers, unsigned usable_cpus = 2,
                 std::optional<sys::CpusUsed> others = {}) {
    return report::diagnosis(outcome_of(workers, others), usable_cpus);
}

} // namespace

TEST(Diagnosis, of_an_interrupted_item_counts_what_it_computed) {
    mp::WorkerStats cut = had_no_cpu_for(0.7, computed(0.7));
    cut.items = 0;
    cut.busy_seconds = 0; // no item has ended
    EXPECT_TRUE(has(told({cut, cut}, 2, sys::CpusUsed{1.2, 2}), "loaded machine"))
        << told({cut, cut}, 2, sys::CpusUsed{1.2, 2});
}

TEST(WorkerTimes, add_up_to_the_time_that_passed) {
    mp::WorkerStats stats = without_work_for(4, in_io_for(3, had_no_cpu_for(2, computed(1))));
    const auto times = report::times_of(stats);
    ASSERT_TRUE(times.has_value());
    EXPECT_DOUBLE_EQ(times->starting, 0.01);
    EXPECT_DOUBLE_EQ(times->computing, 1);
    EXPECT_DOUBLE_EQ(times->ready, 2);
    EXPECT_DOUBLE_EQ(times->blocked, 3);
    EXPECT_DOUBLE_EQ(times->waiting, 4);
    EXPECT_DOUBLE_EQ(times->wall(), 10.01);

    stats.cpu_seconds = 5; // including some used while looking for work
    EXPECT_DOUBLE_EQ(report::times_of(stats)->wall(), 10.01);
    EXPECT_DOUBLE_EQ(report::times_of(stats)->blocked, 0);
    EXPECT_DOUBLE_EQ(report::times_of(stats)->waiting, 3);
}

TEST(WorkerTimes, are_unknown_where_the_kernel_does_not_tell) {
    mp::WorkerStats stats = computed(1);
    stats.ready_seconds.reset();
    EXPECT_FALSE(report::times_of(stats).has_value());
}

TEST(Diagnosis, finds_nothing_where_the_cpus_were_really_busy) {
    EXPECT_EQ(told({computed(1), computed(1.1)}),
              "nothing stands out: the workers computed 100 % of the time, and about equally "
              "long.");
    EXPECT_FALSE(has(told({had_no_cpu_for(1), had_no_cpu_for(1)}), "nothing stands out"));
    EXPECT_FALSE(has(told({in_io_for(0.4), in_io_for(0.4)}), "nothing stands out"));
    EXPECT_FALSE(has(told({of_unknown_cpu_time(computed(1)), of_unknown_cpu_time(computed(1))}),
                     "nothing stands out"));
    EXPECT_EQ(report::diagnosis(Outcome(), 2), "");
}

TEST(Diagnosis, lists_small_losses_that_together_matter) {
    mp::WorkerStats worker = without_work_for(0.2, in_io_for(0.2, had_no_cpu_for(0.1)));
    worker.wait_seconds = 0.3;
    EXPECT_EQ(told({worker, worker}),
              "several small losses: the workers computed 62 % of the time, had no CPU 6 %, were "
              "blocked 12 %, and had no work 19 %.");
}

TEST(Diagnosis, compares_a_workers_start_with_its_work_not_the_sum_of_all_starts) {
    mp::WorkerStats late = computed(0.2);
    late.start_seconds = 0.15;
    const std::vector<mp::WorkerStats> many(4, late);
    EXPECT_FALSE(has(told(many, 4), "too little"));
    late.start_seconds = 0.25;
    const std::vector<mp::WorkerStats> later(4, late);
    EXPECT_EQ(told(later, 4),
              "too little work: a worker took 250 ms to start and worked for 200 ms, on average; "
              "give them more, or keep one pool for all of it.");
}

TEST(Diagnosis, calls_workers_oversubscribed_that_take_turns) {
    const std::vector<mp::WorkerStats> waiting(4, had_no_cpu_for(1));
    EXPECT_EQ(told(waiting, 2),
              "oversubscribed: 4 workers took turns on 2 CPUs and waited for a CPU 50 % of the "
              "time; give --processes 2.");
    EXPECT_TRUE(has(told({had_no_cpu_for(1), had_no_cpu_for(1)}, 1), "took turns on 1 CPU"));
    EXPECT_FALSE(has(told({had_no_cpu_for(1), had_no_cpu_for(1)}, 2), "oversubscribed"));
    const std::vector<mp::WorkerStats> in_io(4, in_io_for(9));
    EXPECT_FALSE(has(told(in_io, 2), "oversubscribed"));
}

TEST(Diagnosis, names_other_programs_beside_oversubscribed_workers) {
    const std::vector<mp::WorkerStats> waiting(4, had_no_cpu_for(1));
    EXPECT_EQ(
        told(waiting, 2, sys::CpusUsed{1.2, 2}),
        "oversubscribed, on a loaded machine: 4 workers took turns on 2 CPUs and waited for a "
        "CPU 50 % of the time, and other programs used 1.2 CPUs; give --processes 2, and end "
        "the other programs.");
    EXPECT_FALSE(has(told(waiting, 2, sys::CpusUsed{0.05, 2}), "other programs"));
}

TEST(Diagnosis, guesses_from_the_numbers_where_the_kernel_does_not_tell) {
    const auto unknown = of_unknown_cpu_time(computed(1));
    EXPECT_EQ(told({unknown, unknown}, 1),
              "oversubscribed: 2 workers take turns on 1 CPU; give --processes 1.");
    EXPECT_EQ(told({unknown, unknown}, 2),
              "no more is known: the kernel does not tell here how long the workers computed.");
}

TEST(Diagnosis, names_a_loaded_machine_only_where_other_programs_were_seen) {
    const std::vector<mp::WorkerStats> workers = {had_no_cpu_for(0.5), had_no_cpu_for(0.5)};
    EXPECT_EQ(told(workers, 2, sys::CpusUsed{0.7, 2}),
              "loaded machine: the workers were ready to compute for 1.00 s more, 33 % of the "
              "time, but other programs had the CPUs; end them, or run it again later.");
    EXPECT_FALSE(has(told(workers, 2, sys::CpusUsed{0.05, 2}), "loaded"));
    EXPECT_TRUE(has(told(workers, 2, sys::CpusUsed{0.05, 2}), "such as a cgroup quota applies"));
    EXPECT_FALSE(has(told(workers), "loaded"));
    EXPECT_TRUE(has(told(workers), "other programs had them, or a limit"));
    // They lacked 0.67 CPUs, as under a quota.
    EXPECT_TRUE(has(told(workers, 2, sys::CpusUsed{0.2, 2}),
                    "though other programs used only 0.2 CPUs: a limit such as a cgroup quota"));
    EXPECT_FALSE(
        has(told({had_no_cpu_for(0.1), had_no_cpu_for(0.1)}, 2, sys::CpusUsed{0.7, 2}), "loaded"));
}

TEST(Diagnosis, says_when_tasks_wait_for_something_else_than_a_cpu) {
    EXPECT_EQ(told({in_io_for(3), in_io_for(3)}),
              "the tasks waited 75 % of the time for something other than a CPU, such as a file, "
              "the network or a lock; more workers than CPUs may help.");
    EXPECT_FALSE(has(told({in_io_for(0.3), in_io_for(0.3)}), "something else"));
}

TEST(Diagnosis, advises_smaller_chunks_only_where_chunks_can_be_smaller) {
    const std::vector<mp::WorkerStats> uneven = {computed(3), computed(1)};
    EXPECT_EQ(told(uneven), "unbalanced: one worker worked 3.00 s, the mean is 2.00 s, the longest "
                            "chunk took 1.50 s; a smaller --chunksize balances better.");
    EXPECT_FALSE(has(told({computed(1), computed(1.2)}), "unbalanced"));
    EXPECT_FALSE(has(told({computed(1)}), "unbalanced"));

    std::vector<mp::WorkerStats> one_each = uneven;
    for (mp::WorkerStats& worker : one_each) worker.items = 1;
    EXPECT_EQ(told(one_each), "unbalanced: one worker worked 3.00 s, the mean is 2.00 s; the "
                              "longest item took 1.50 s: cut the work into smaller items.");
    std::vector<mp::WorkerStats> long_items = uneven;
    long_items[0].longest[0].items = 1;
    EXPECT_FALSE(has(told(long_items), "chunksize"));
    std::vector<mp::WorkerStats> one_item = uneven;
    one_item[0].items = 1;
    one_item[1].items = 0;
    EXPECT_TRUE(has(told(one_item), "; there was too little to share: 1 item for 2 workers."));
}

TEST(Diagnosis, measures_all_workers_alike_where_the_kernel_does_not_tell_of_one) {
    EXPECT_TRUE(has(told({of_unknown_cpu_time(computed(1)), had_no_cpu_for(2)}),
                    "one worker worked 3.00 s, the mean is 2.00 s"));
}

TEST(Diagnosis, does_not_take_waits_for_a_cpu_for_work) {
    EXPECT_FALSE(has(told({had_no_cpu_for(1), computed(1)}), "unbalanced"));
}

TEST(Diagnosis, says_when_workers_had_no_work) {
    EXPECT_EQ(told({without_work_for(1), without_work_for(1)}),
              "the workers waited for work 50 % of the time: while one has the last chunks, or the "
              "program does its serial part.");
    EXPECT_FALSE(has(told({without_work_for(0.3), without_work_for(0.3)}), "waited for work"));
}

TEST(Diagnosis, says_what_one_worker_cannot_do) {
    EXPECT_EQ(told({computed(1)}, 2), "one worker uses one of 2 CPUs; give --processes 2.");
    EXPECT_EQ(told({computed(1)}, 1), "one worker on one CPU: nothing can run in parallel.");
    EXPECT_FALSE(has(told({computed(1), computed(1)}), "one worker"));
}
